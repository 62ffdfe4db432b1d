-- What a token may: only read, or write too; to which requisitions (a system's) or candidacy (a candidate's) it
-- belongs; and when it was last used, by the minute.

ALTER TABLE tokens ADD COLUMN IF NOT EXISTS scope text NOT NULL DEFAULT 'write';
ALTER TABLE tokens ADD COLUMN IF NOT EXISTS reach text[] NOT NULL DEFAULT '{}';
ALTER TABLE tokens ADD COLUMN IF NOT EXISTS last_used_at timestamptz;

UPDATE tokens SET reach = ARRAY[actor] WHERE kind = 'candidate' AND reach = '{}';
