-- Who saw and did what, in one chain: each row's hash is over its content and the hash before it. Ids, enumerations and
-- times, and nothing else: the checks keep words out. Rows are added, and never changed or removed.

CREATE TABLE IF NOT EXISTS audit (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL CHECK (actor ~ '^[A-Za-z0-9:._-]{1,120}$'),
    how text NOT NULL CHECK (how ~ '^[A-Za-z0-9:._-]{1,120}$'),
    act text NOT NULL CHECK (act ~ '^[a-z_]{1,40}$'),
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
    object text NOT NULL CHECK (object ~ '^[A-Za-z0-9:._-]{0,120}$'),
    about text NOT NULL CHECK (about ~ '^[A-Za-z0-9:._-]{0,120}$'),
    permission text NOT NULL CHECK (permission ~ '^[a-z.-]{0,60}$'),
    previous bytea NOT NULL,
    hash bytea NOT NULL
);

CREATE INDEX IF NOT EXISTS audit_by_time ON audit (at);
CREATE INDEX IF NOT EXISTS audit_by_actor ON audit (actor, at);
CREATE INDEX IF NOT EXISTS audit_by_object ON audit (object, seq);
CREATE INDEX IF NOT EXISTS audit_by_subject ON audit (about, seq) WHERE about <> '';

CREATE OR REPLACE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END;
$$;

CREATE OR REPLACE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();
