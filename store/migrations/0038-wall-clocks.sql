-- What clocks on the wall are to show when a meeting begins, and where: kept when a country changes its rules.

ALTER TABLE meetings ADD COLUMN IF NOT EXISTS zone text;
ALTER TABLE meetings ADD COLUMN IF NOT EXISTS shows timestamp;
