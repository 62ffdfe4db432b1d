-- What the ops board asks of clocks: small indexes over those that run late, and over those that ended lately.

CREATE INDEX IF NOT EXISTS clocks_running_late ON clocks (breached_at)
    WHERE ended_at IS NULL AND breached_at IS NOT NULL;

-- Everything that counting what runs needs stands in the index itself.
CREATE INDEX IF NOT EXISTS clocks_running ON clocks (owner, name)
    INCLUDE (due_at, breached_at, stuck_at, stands_since, requisition) WHERE ended_at IS NULL;

CREATE INDEX IF NOT EXISTS clocks_that_ended ON clocks (ended_at)
    INCLUDE (name, requisition, breached_at, ended_as) WHERE ended_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS clocks_that_were_late ON clocks (breached_at) INCLUDE (name) WHERE breached_at IS NOT NULL;
