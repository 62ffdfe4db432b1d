-- Links that sign somebody in once: `mail` (asked for, and sent by mail, with a code for the browser that asked),
-- `given` (printed by whoever operates the machine) and `first` (for the first administrator, who is nobody yet).
-- Secrets and codes are hashed; a code with the secret of the browser that asked, so that six digits cannot be guessed
-- from the table.

CREATE TABLE IF NOT EXISTS sign_in_links (
    id text PRIMARY KEY,
    kind text NOT NULL,
    sha256 bytea NOT NULL,
    person text,
    path text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    asked_sha256 bytea,
    code_sha256 bytea,
    wrong_codes integer NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX IF NOT EXISTS sign_in_links_by_secret ON sign_in_links (sha256);
CREATE UNIQUE INDEX IF NOT EXISTS sign_in_links_by_who_asked ON sign_in_links (asked_sha256);
CREATE INDEX IF NOT EXISTS sign_in_links_of_a_person ON sign_in_links (person);
