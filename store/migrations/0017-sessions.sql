-- Who is signed in at which browser. A session's secret is in its cookie and nowhere else; here is its hash, and for a
-- minute after it was replaced that of the one before. `token` is the token it was begun with, without which it ends.

CREATE TABLE IF NOT EXISTS sessions (
    id text PRIMARY KEY,
    person text NOT NULL,
    sha256 bytea NOT NULL,
    former_sha256 bytea,
    former_until timestamptz,
    renewed_at timestamptz NOT NULL DEFAULT now(),
    began_at timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,
    browser text NOT NULL,
    token text
);

CREATE UNIQUE INDEX IF NOT EXISTS sessions_by_secret ON sessions (sha256);
CREATE INDEX IF NOT EXISTS sessions_by_former_secret ON sessions (former_sha256) WHERE former_sha256 IS NOT NULL;
CREATE INDEX IF NOT EXISTS sessions_of_a_person ON sessions (person);
