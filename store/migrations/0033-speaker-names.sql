-- Who speaks in a transcript, as a named person said: rows made from the journal. The name of somebody else is sealed.

CREATE TABLE IF NOT EXISTS speaker_names (
    document text NOT NULL,
    speaker integer NOT NULL,
    stream text NOT NULL,
    who text NOT NULL,
    name text,
    named_at timestamptz NOT NULL,
    PRIMARY KEY (document, speaker, stream)
);
