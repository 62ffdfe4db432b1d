-- For which build's tables and views the read model was last made: another build's reads may need it made again.

CREATE TABLE IF NOT EXISTS read_model (
    shape text NOT NULL
);
