-- Which installation this is: the key store beside it says the same, and a pair that does not fit is not worked with.
-- `matching` is what the key store's secret makes of the id, so that another secret is noticed.

CREATE TABLE IF NOT EXISTS installation (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id text NOT NULL,
    matching text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
