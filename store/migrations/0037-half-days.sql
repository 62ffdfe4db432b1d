-- A day on which the company closes early, and when; null where it is closed all day.

ALTER TABLE closing_days ADD COLUMN IF NOT EXISTS closes_at time;
