-- Effects whose event is journalled and that nobody carried out yet, for whoever watches over the machine. No rule goes
-- by it, and it is not part of the read model: what became of an effect is not in the journal.

CREATE TABLE IF NOT EXISTS effects_undone (
    effect text PRIMARY KEY,
    kind text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    last_reason text,
    last_tried_at timestamptz
);

CREATE INDEX IF NOT EXISTS deliveries_in_doubt ON deliveries (claimed_at) WHERE done_at IS NULL;
