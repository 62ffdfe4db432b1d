-- What is written to candidates. Templates are the company's own words and say nothing of anybody; a version is used
-- once somebody approved it. A letter's words lie among the documents, sealed; here stands only that there was one.

CREATE TABLE IF NOT EXISTS letter_templates (
    kind text NOT NULL,
    stage text NOT NULL,
    language text NOT NULL,
    version integer NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    written_by text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    approved_by text,
    approved_at timestamptz,
    PRIMARY KEY (kind, stage, language, version)
);

CREATE TABLE IF NOT EXISTS letter_settings (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    language text NOT NULL,
    receipts boolean NOT NULL
);

CREATE TABLE IF NOT EXISTS letter_threads (
    token text PRIMARY KEY,
    candidate text NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS letters (
    id text PRIMARY KEY,
    candidate text NOT NULL,
    stream text NOT NULL,
    direction text NOT NULL,
    matter text NOT NULL,
    offer text,
    by text,
    at timestamptz NOT NULL,
    document text NOT NULL,
    message_id text,
    undelivered_at timestamptz
);

CREATE INDEX IF NOT EXISTS letters_of_candidate ON letters (candidate, at);
CREATE INDEX IF NOT EXISTS letters_by_message ON letters (message_id);
