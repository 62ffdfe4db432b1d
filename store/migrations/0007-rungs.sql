-- How far up its ladder a clock has come, and when it comes to the next rung; and which policy a stream goes by.

ALTER TABLE clocks
    ADD COLUMN IF NOT EXISTS rung text,
    ADD COLUMN IF NOT EXISTS next_rung_at timestamptz,
    ADD COLUMN IF NOT EXISTS stuck_at timestamptz;

CREATE INDEX IF NOT EXISTS clocks_stuck ON clocks (stuck_at) WHERE stuck_at IS NOT NULL AND ended_at IS NULL;

CREATE INDEX IF NOT EXISTS events_with_a_policy ON events (stream, seq DESC)
    WHERE type IN ('policy_adopted', 'candidate_opened');
