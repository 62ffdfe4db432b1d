-- Files of people who are not applicants yet: each is sealed under a key of its own, which goes with the file, after a
-- day at the latest. A file that was added leaves only as which candidate, until then.

CREATE TABLE IF NOT EXISTS waiting_files (
    id text PRIMARY KEY,
    requisition text NOT NULL,
    given_by text NOT NULL,
    given_at timestamptz NOT NULL DEFAULT now(),
    size bigint NOT NULL,
    details bytea,
    object text,
    candidate text
);

CREATE INDEX IF NOT EXISTS waiting_files_by_giver ON waiting_files (requisition, given_by);
