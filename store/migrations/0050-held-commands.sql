-- What somebody gave by a tap and may take back for some seconds: a worker gives it when its time has come, and the row
-- is gone then. `typed` is the form as it was sent, sealed under the key its words go under, so that it can be shown again.

CREATE TABLE IF NOT EXISTS held_commands (
    id text PRIMARY KEY,
    person text NOT NULL,
    stream text NOT NULL,
    command text NOT NULL,
    place text NOT NULL,
    typed text NOT NULL,
    body jsonb NOT NULL,
    envelope jsonb NOT NULL,
    update_id text NOT NULL UNIQUE,
    give_at timestamptz NOT NULL,
    claimed_at timestamptz,
    undone_at timestamptz,
    refused text
);

CREATE INDEX IF NOT EXISTS held_commands_of ON held_commands (person);
CREATE INDEX IF NOT EXISTS held_commands_due ON held_commands (give_at) WHERE undone_at IS NULL AND refused IS NULL;
