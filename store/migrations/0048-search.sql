-- What is searched: keyed tokens of names, addresses, numbers and words, made from what lies sealed elsewhere.
--
-- It can be made again at any time, so it is in no write-ahead log and in no physical backup (UNLOGGED); a dump leaves it
-- out with --exclude-table-data='search_*'. After a crash it is empty, and is made again by itself.

-- A few applicants share a key (`W-…`, in the key store), under which their tokens are made; it goes when one of them does.
-- This table is kept: a key that nobody knows of any more could not be destroyed.
CREATE TABLE IF NOT EXISTS index_keys (
    id text PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY,
    members integer NOT NULL
);

CREATE UNLOGGED TABLE IF NOT EXISTS search_subjects (
    subject text PRIMARY KEY,
    shard text NOT NULL REFERENCES index_keys (id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS search_subjects_of_a_shard ON search_subjects (shard);

-- `source` is the subject, for how they are called and reached, or a document of theirs, with when it was stored.
CREATE UNLOGGED TABLE IF NOT EXISTS search_entries (
    source text PRIMARY KEY,
    subject text NOT NULL REFERENCES search_subjects (subject) ON DELETE CASCADE,
    stored_at timestamptz,
    tokens bigint[] NOT NULL
);
CREATE INDEX IF NOT EXISTS search_entries_of_a_subject ON search_entries (subject);
CREATE INDEX IF NOT EXISTS search_entries_by_token ON search_entries USING gin (tokens) WITH (fastupdate = off);

-- Whose entries no longer say what is kept of them. `mark` tells one change from the next.
CREATE SEQUENCE IF NOT EXISTS search_marks;
CREATE UNLOGGED TABLE IF NOT EXISTS search_stale (
    subject text PRIMARY KEY,
    mark bigint NOT NULL DEFAULT nextval('search_marks')
);

-- One row, once everybody was marked: a database that lost the index has none.
CREATE UNLOGGED TABLE IF NOT EXISTS search_begun (begun boolean PRIMARY KEY);

CREATE OR REPLACE FUNCTION search_is_stale() RETURNS trigger AS $$
DECLARE
    changed jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
BEGIN
    INSERT INTO search_stale (subject) VALUES (changed ->> TG_ARGV[0])
    ON CONFLICT (subject) DO UPDATE SET mark = nextval('search_marks');
    RETURN NULL;
END
$$ LANGUAGE plpgsql;

DROP TRIGGER IF EXISTS search_is_stale ON humans;
CREATE TRIGGER search_is_stale AFTER INSERT OR DELETE OR UPDATE OF contact ON humans
    FOR EACH ROW EXECUTE FUNCTION search_is_stale('id');
DROP TRIGGER IF EXISTS search_is_stale ON introductions;
CREATE TRIGGER search_is_stale AFTER INSERT OR UPDATE OF contact ON introductions
    FOR EACH ROW EXECUTE FUNCTION search_is_stale('human');
DROP TRIGGER IF EXISTS search_is_stale ON documents;
CREATE TRIGGER search_is_stale AFTER INSERT OR UPDATE OF text ON documents
    FOR EACH ROW WHEN (NEW.text IS NOT NULL AND NEW.kind <> 'letter') EXECUTE FUNCTION search_is_stale('key');

CREATE INDEX IF NOT EXISTS introductions_by ON introductions (by);
