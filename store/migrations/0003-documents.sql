-- Documents: what was uploaded and its normalised text, both sealed under the key of the subject they are about.

CREATE TABLE IF NOT EXISTS documents (
    id text PRIMARY KEY,
    key text NOT NULL,
    kind text NOT NULL,
    media_type text NOT NULL,
    sha256 text NOT NULL,
    identity text NOT NULL,
    body bytea NOT NULL,
    text bytea,
    stored_by text NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (key, identity)
);
