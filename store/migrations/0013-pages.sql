-- What pages and reports ask: whose move it is in each search and of each candidate, who stands where, and what to count.

-- Everything the board says of a search's promises stands in the index itself.
DROP INDEX IF EXISTS clocks_running_in_a_search;
CREATE INDEX IF NOT EXISTS clocks_running_of_a_search ON clocks (requisition)
    INCLUDE (owner, due_at, breached_at, stuck_at, stands_since) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS clocks_running_in_a_stream ON clocks (stream)
    INCLUDE (owner, due_at, breached_at, stuck_at, stands_since) WHERE ended_at IS NULL;

CREATE INDEX IF NOT EXISTS candidates_at_a_stage ON candidates (requisition, stage)
    INCLUDE (stage_since, standing);

-- The few kinds of events that reports count, out of all.
CREATE INDEX IF NOT EXISTS events_that_reports_count ON events (type, at)
    WHERE type IN ('candidate_reported', 'gate_overridden', 'partnership_rated');
CREATE INDEX IF NOT EXISTS events_that_say_how_a_search_works ON events (stream, type, seq)
    WHERE type IN ('policy_adopted', 'calendars_learned', 'search_filled', 'search_cancelled');
