-- Originals, images of pages and recordings lie in the blob store: here is which object is what of which document.

CREATE TABLE IF NOT EXISTS blobs (
    object text PRIMARY KEY,
    document text NOT NULL REFERENCES documents,
    role text NOT NULL,
    page integer NOT NULL DEFAULT 0,
    media_type text NOT NULL,
    size bigint NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (document, role, page)
);

-- What was uploaded before stays here until `tandem documents move-originals`; drafts stay.
ALTER TABLE documents ALTER COLUMN body DROP NOT NULL;
