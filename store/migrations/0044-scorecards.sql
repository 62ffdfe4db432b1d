-- When scorecards came is read month by month: out of all tasks that were done they are few.

CREATE INDEX IF NOT EXISTS scorecards_that_came ON clocks (ended_at) INCLUDE (requisition, owner, started_at)
    WHERE name = 'scorecard_in' AND ended_as = 'kept';
