-- Up to which of their messages somebody has looked at the list of them, so that it can be said how many are new.

CREATE TABLE IF NOT EXISTS notifications_seen (
    person text PRIMARY KEY,
    number integer NOT NULL
);
