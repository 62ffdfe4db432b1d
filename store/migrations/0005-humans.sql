-- Humans who apply: found again by a keyed hash of their address, reached by what only their own key opens.

CREATE TABLE IF NOT EXISTS humans (
    id text PRIMARY KEY,
    match text UNIQUE NOT NULL,
    contact bytea NOT NULL,
    known_since timestamptz NOT NULL DEFAULT now()
);
