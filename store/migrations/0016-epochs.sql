-- Which run may append to a stream: a revival raises the number, and an older run's appends are refused from then on.

ALTER TABLE streams ADD COLUMN IF NOT EXISTS epoch integer NOT NULL DEFAULT 0;
