-- How long somebody had the page in sight on which they decided after a draft, in seconds; null where nobody counted.

ALTER TABLE draft_decisions ADD COLUMN IF NOT EXISTS looked_seconds integer;
