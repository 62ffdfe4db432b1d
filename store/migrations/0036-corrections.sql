-- When a clock was counted as broken by a record that was corrected since: a row made from the journal.

ALTER TABLE clocks ADD COLUMN IF NOT EXISTS corrected_breach timestamptz;
