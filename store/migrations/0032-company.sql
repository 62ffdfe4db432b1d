-- The company's own name, where most of it works, and the days on which it is closed.

CREATE TABLE IF NOT EXISTS company (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    name text NOT NULL,
    zone text NOT NULL,
    country text NOT NULL,
    subdivision text
);

-- `wanted` is false from when somebody takes a day back until it is out of every calendar.
CREATE TABLE IF NOT EXISTS closing_days (
    day date PRIMARY KEY,
    name text NOT NULL,
    wanted boolean NOT NULL DEFAULT true
);

-- In whose calendar a day stands because the company is closed, and not because it is a holiday there anyway.
CREATE TABLE IF NOT EXISTS closed_for (
    day date NOT NULL REFERENCES closing_days ON DELETE CASCADE,
    person text NOT NULL REFERENCES people ON DELETE CASCADE,
    PRIMARY KEY (day, person)
);
