-- What people were sent, so that it can be counted, and where those are reached who prefer chat.

ALTER TABLE people ADD COLUMN IF NOT EXISTS chat text;

CREATE TABLE IF NOT EXISTS messages (
    person text NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    ordered_at timestamptz NOT NULL,
    lines integer NOT NULL,
    withheld boolean NOT NULL,
    PRIMARY KEY (person, number)
);
