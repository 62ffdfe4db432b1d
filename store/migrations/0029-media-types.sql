-- Callers wrote what they liked into what a document says that it is, and erasure does not reach it: known types stay.

UPDATE documents SET media_type = CASE
    WHEN lower(trim(split_part(media_type, ';', 1))) IN
        ('application/json', 'application/x-subrip', 'text/plain', 'text/srt', 'text/vtt')
    THEN lower(trim(split_part(media_type, ';', 1)))
    ELSE 'application/octet-stream'
END;
