-- How candidates moved from stage to stage, and what was read of them on each criterion: counted in updates and reports.

CREATE TABLE IF NOT EXISTS moves (
    candidate text NOT NULL,
    at timestamptz NOT NULL,
    stage text NOT NULL,
    requisition text NOT NULL,
    PRIMARY KEY (candidate, at, stage)
);

CREATE INDEX IF NOT EXISTS moves_in_a_search ON moves (requisition);

CREATE TABLE IF NOT EXISTS readings (
    candidate text NOT NULL,
    at timestamptz NOT NULL,
    criterion text NOT NULL,
    requisition text NOT NULL,
    verdict text NOT NULL,
    rubric_version integer NOT NULL,
    PRIMARY KEY (candidate, at, criterion)
);

CREATE INDEX IF NOT EXISTS readings_in_a_search ON readings (requisition);
