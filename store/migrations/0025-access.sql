-- Who may read what of an applicant: who said what of them, whose word a candidacy rests on, which of them is a colleague,
-- and for which candidacy, applicant or intake a document was given.

ALTER TABLE humans ADD COLUMN IF NOT EXISTS colleague text;

CREATE TABLE IF NOT EXISTS introductions (
    human text NOT NULL REFERENCES humans (id) ON DELETE CASCADE,
    by text NOT NULL,
    contact bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (human, by)
);

CREATE TABLE IF NOT EXISTS candidacies (
    candidate text PRIMARY KEY,
    human text NOT NULL REFERENCES humans (id) ON DELETE CASCADE,
    introduced_by text NOT NULL
);

CREATE TABLE IF NOT EXISTS document_subjects (
    document text NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    about text NOT NULL,
    by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document, about, by)
);
