-- Lists as a user likes to see them: what a list is asked for under a name, and the columns they chose last on each.
-- What is asked says nothing of anybody: words that were searched for are not kept, and of a tag its keyed hash alone.

CREATE TABLE IF NOT EXISTS saved_views (
    id text PRIMARY KEY,
    person text NOT NULL,
    page text NOT NULL,
    name text NOT NULL,
    asks jsonb NOT NULL,
    columns text[] NOT NULL,
    opens_first boolean NOT NULL DEFAULT false,
    saved_at timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX IF NOT EXISTS saved_views_by_name ON saved_views (person, page, lower(name));
CREATE UNIQUE INDEX IF NOT EXISTS saved_views_that_open_first ON saved_views (person, page) WHERE opens_first;

CREATE TABLE IF NOT EXISTS chosen_columns (
    person text NOT NULL,
    page text NOT NULL,
    columns text[] NOT NULL,
    PRIMARY KEY (person, page)
);
