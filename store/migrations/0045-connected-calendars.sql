-- Calendars that users connected, by their own word: where each is, and what opens it, sealed under the user's key.
-- `calendars` are the addresses of those whose busy times count.

CREATE TABLE IF NOT EXISTS connected_calendars (
    person text PRIMARY KEY,
    address text NOT NULL,
    credentials bytea NOT NULL,
    calendars text[] NOT NULL,
    connected_at timestamptz NOT NULL DEFAULT now()
);
