-- Users as the company's sign-in provider knows them: whoever it calls `subject` is this user, whatever their address.
-- A sign-in that came back is kept by its hash until it could not come back again.

CREATE TABLE IF NOT EXISTS identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    person text NOT NULL REFERENCES people (id),
    linked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, person)
);

CREATE TABLE IF NOT EXISTS finished_sign_ins (
    sha256 bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

-- The provider by which a session was begun, where it was: signing out there is signing out at the provider, too.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS issuer text;
