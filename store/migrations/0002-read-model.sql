-- The read model: rows made from the journal, one stream each, and made again by `tandem rebuild`.

CREATE TABLE IF NOT EXISTS clocks (
    stream text NOT NULL,
    id text NOT NULL,
    requisition text,
    name text NOT NULL,
    about text NOT NULL,
    owner text NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    breached_at timestamptz,
    causes text[] NOT NULL,
    stands_since timestamptz,
    pauses jsonb NOT NULL,
    extended boolean NOT NULL,
    ended_at timestamptz,
    ended_as text,
    why text,
    PRIMARY KEY (stream, id)
);

CREATE INDEX IF NOT EXISTS clocks_running_in_a_search ON clocks (requisition) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS clocks_running_on_a_person ON clocks (owner) WHERE ended_at IS NULL;

CREATE TABLE IF NOT EXISTS tasks (
    stream text NOT NULL,
    id text NOT NULL,
    requisition text,
    kind text NOT NULL,
    reason text NOT NULL,
    raised_at timestamptz NOT NULL,
    PRIMARY KEY (stream, id)
);
