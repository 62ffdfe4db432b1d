-- Two applicants may have one mailbox, and one may have none: then a telephone number (its keyed hash) tells them apart.
-- One person may be known as two applicants: they are merged by somebody of HR, and can be parted until some day.

ALTER TABLE humans ALTER COLUMN match DROP NOT NULL;
ALTER TABLE humans ADD COLUMN IF NOT EXISTS mailbox text;
ALTER TABLE humans ADD COLUMN IF NOT EXISTS telephone text;
UPDATE humans SET mailbox = match WHERE mailbox IS NULL;

-- 0.4.0 put back knows nobody but by `match`, which has to be one applicant's: the first one's of a mailbox. What it
-- writes there is a mailbox.
CREATE OR REPLACE FUNCTION humans_by_mailbox() RETURNS trigger AS $$
BEGIN
    IF NEW.match IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.match IS DISTINCT FROM OLD.match) THEN
        NEW.mailbox := NEW.match;
    ELSIF TG_OP = 'INSERT' OR NEW.mailbox IS DISTINCT FROM OLD.mailbox THEN
        NEW.match := CASE WHEN NOT EXISTS (
            SELECT FROM humans h WHERE h.match = NEW.mailbox AND h.id <> NEW.id) THEN NEW.mailbox END;
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS by_mailbox ON humans;
CREATE TRIGGER by_mailbox BEFORE INSERT OR UPDATE ON humans FOR EACH ROW EXECUTE FUNCTION humans_by_mailbox();

CREATE INDEX IF NOT EXISTS humans_by_mailbox ON humans (mailbox);
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
