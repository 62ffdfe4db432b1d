-- Recordings: their files lie in the blob store. What each was transcribed to, when, and since when its file is gone.

CREATE TABLE IF NOT EXISTS recordings (
    document text PRIMARY KEY REFERENCES documents,
    transcript text REFERENCES documents,
    transcribed_at timestamptz,
    deleted_at timestamptz
);
