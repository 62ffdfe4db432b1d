-- Two applicants may have one mailbox, and one may have none: then a telephone number (its keyed hash) tells them apart.
-- One person may be known as two applicants: they are merged by somebody of HR, and can be parted until some day.

ALTER TABLE humans DROP CONSTRAINT IF EXISTS humans_match_key;
ALTER TABLE humans ALTER COLUMN match DROP NOT NULL;
ALTER TABLE humans ADD COLUMN IF NOT EXISTS telephone text;

CREATE INDEX IF NOT EXISTS humans_by_match ON humans (match);
CREATE INDEX IF NOT EXISTS humans_by_telephone ON humans (telephone) WHERE telephone IS NOT NULL;

-- `why` is sealed under the key of the applicant.
CREATE TABLE IF NOT EXISTS merged_applicants (
    applicant text PRIMARY KEY REFERENCES humans (id) ON DELETE CASCADE,
    stays text NOT NULL REFERENCES humans (id) ON DELETE CASCADE,
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    until timestamptz NOT NULL,
    why bytea NOT NULL
);

-- Which other applicants one is, however many were merged one after the other.
CREATE OR REPLACE VIEW same_applicants AS
    WITH RECURSIVE said (one, other) AS (
        SELECT applicant, stays FROM merged_applicants UNION SELECT stays, applicant FROM merged_applicants
    ), reached (one, other) AS (
        SELECT one, other FROM said
        UNION SELECT reached.one, said.other FROM reached JOIN said ON said.one = reached.other
    )
    SELECT one, other FROM reached WHERE one <> other;

-- The words of a letter that did not go out, for whoever reads them to the candidate.
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS document text;
