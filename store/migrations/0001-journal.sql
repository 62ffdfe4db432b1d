-- The journal: what happened, for ever. `streams` is what an append locks, and where a reader sees how far one got.

CREATE TABLE IF NOT EXISTS streams (
    stream text PRIMARY KEY,
    version integer NOT NULL
);

CREATE TABLE IF NOT EXISTS events (
    stream text NOT NULL REFERENCES streams,
    seq integer NOT NULL CHECK (seq > 0),
    type text NOT NULL,
    schema smallint NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL,
    payload jsonb NOT NULL,
    hash bytea NOT NULL,
    requisition text,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream, seq)
);

CREATE INDEX IF NOT EXISTS events_of_a_search ON events (requisition, at, stream, seq);

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only';
END;
$$;

CREATE OR REPLACE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
