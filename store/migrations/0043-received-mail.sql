-- Mail that came in. What nobody can be found for is kept aside for a while, under a key of its own, which goes with
-- it; how far the mailbox was read is remembered, so that nothing is read twice or left out.

CREATE TABLE IF NOT EXISTS unplaced_mail (
    id text PRIMARY KEY,
    came_at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL,
    size bigint NOT NULL,
    details bytea,
    object text
);

CREATE TABLE IF NOT EXISTS mailbox_position (
    mailbox text PRIMARY KEY,
    uidvalidity bigint NOT NULL,
    uid bigint NOT NULL
);

ALTER TABLE letters ADD COLUMN IF NOT EXISTS effect jsonb;
