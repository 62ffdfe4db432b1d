-- What reports count of promises stands in the index over those that ended, and more kinds of events have a part in one.

DROP INDEX IF EXISTS clocks_that_ended;
CREATE INDEX IF NOT EXISTS clocks_that_ended ON clocks (ended_at)
    INCLUDE (requisition, name, about, owner, breached_at, ended_as) WHERE ended_at IS NOT NULL;

DROP INDEX IF EXISTS events_that_reports_count;
CREATE INDEX IF NOT EXISTS events_that_reports_count ON events (type, at)
    WHERE type IN (
        'candidate_reported', 'gate_overridden', 'partnership_rated',
        'profile_answered', 'scorecard_submitted', 'score_reaffirmed', 'debrief_held', 'intake_recorded'
    );

DROP INDEX IF EXISTS events_that_say_how_a_search_works;
CREATE INDEX IF NOT EXISTS events_that_say_how_a_search_works ON events (stream, type, seq)
    WHERE type IN (
        'policy_adopted', 'calendars_learned',
        'search_put_on_hold', 'search_cancelled', 'search_filled', 'search_resumed', 'search_reopened'
    );

-- Whose search a stream belongs to: what changed in some searches shows in the versions of their streams.
ALTER TABLE streams ADD COLUMN IF NOT EXISTS requisition text;
UPDATE streams SET requisition = (
    SELECT e.requisition FROM events e WHERE e.stream = streams.stream AND e.requisition IS NOT NULL LIMIT 1
) WHERE requisition IS NULL;
CREATE INDEX IF NOT EXISTS streams_of_a_search ON streams (requisition);
