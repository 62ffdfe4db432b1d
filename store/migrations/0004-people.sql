-- Those who use Tandem, how they prove it, and which effects were carried out.

CREATE TABLE IF NOT EXISTS teams (
    name text PRIMARY KEY,
    lead text NOT NULL
);

CREATE TABLE IF NOT EXISTS people (
    id text PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    team text REFERENCES teams ON UPDATE CASCADE,
    zone text NOT NULL,
    standing text[] NOT NULL,
    active boolean NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS people_by_email ON people (lower(email));

CREATE TABLE IF NOT EXISTS tokens (
    prefix text PRIMARY KEY,
    sha256 bytea NOT NULL,
    actor text NOT NULL,
    kind text NOT NULL,
    label text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE INDEX IF NOT EXISTS tokens_of_an_actor ON tokens (actor);

CREATE TABLE IF NOT EXISTS deliveries (
    effect text PRIMARY KEY,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    result jsonb
);
