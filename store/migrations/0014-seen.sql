-- What became of drafts: who saw them, what people then decided, and how far their words are from the draft's.

-- How long a draft took from its order on, in seconds; NULL for those made before this was kept.
ALTER TABLE language_outputs ADD COLUMN IF NOT EXISTS seconds double precision;

-- One row a draft and person: the first time they read it. Not in the journal, like what was delivered.
CREATE TABLE IF NOT EXISTS draft_readers (
    draft text NOT NULL,
    person text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (draft, person)
);

-- One row a decision that followed a draft; derived from the journal. `why` is sealed where it is personal.
CREATE TABLE IF NOT EXISTS draft_decisions (
    stream text NOT NULL,
    seq integer NOT NULL,
    draft text NOT NULL,
    job text NOT NULL,
    requisition text NOT NULL,
    candidate text,
    event text NOT NULL,
    outcome text,
    by text NOT NULL,
    at timestamptz NOT NULL,
    why jsonb,
    PRIMARY KEY (stream, seq, draft)
);
CREATE INDEX IF NOT EXISTS draft_decisions_by_draft ON draft_decisions (draft);

-- How far each field of a decision is from the draft, from 0 (the same words) to 1. Numbers alone, kept because the
-- words they were reckoned from may be erased. `kind` is the field without which line or criterion it is.
CREATE TABLE IF NOT EXISTS draft_distances (
    stream text NOT NULL,
    seq integer NOT NULL,
    draft text NOT NULL,
    field text NOT NULL,
    kind text NOT NULL,
    distance double precision NOT NULL,
    PRIMARY KEY (stream, seq, draft, field)
);
