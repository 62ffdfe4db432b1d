-- When each candidate's data are due to be erased, and what says so: rows made from the journal, one a candidate.

CREATE TABLE IF NOT EXISTS retention (
    candidate text PRIMARY KEY,
    requisition text NOT NULL,
    human text NOT NULL,
    jurisdiction text NOT NULL,
    recruiter text NOT NULL,
    over_since timestamptz,
    by_policy_at timestamptz,
    by_law_at timestamptz,
    by_request_at timestamptz,
    hold_lifted_at timestamptz,
    due_at timestamptz NOT NULL,
    cause text NOT NULL,
    legal_hold boolean NOT NULL,
    offer_open boolean NOT NULL
);

CREATE INDEX IF NOT EXISTS retention_by_time ON retention (due_at, candidate);
