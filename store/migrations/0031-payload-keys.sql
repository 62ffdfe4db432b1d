-- The keys that seal what travels through Temporal, by name; the last one made seals. The keys themselves are in the key
-- store: here is only what tells that it is the same one (a keyed hash).

CREATE TABLE IF NOT EXISTS payload_keys (
    id text PRIMARY KEY CHECK (id ~ '^K-[0-9]{6}$'),
    matching text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
