-- Covers of books, and the images they are made of until they are.
--
-- cover_uploads.id  UUIDv7 as text: of two uploads for a book the greater is the later
-- covers.upload     the upload it was made of
-- tag               a hash of the content: what an ETag is made of
CREATE TABLE cover_uploads (
    id         TEXT    NOT NULL PRIMARY KEY,
    book_id    TEXT    NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    content    BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX cover_uploads_by_book ON cover_uploads (book_id);

CREATE TABLE covers (
    book_id    TEXT NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    size       TEXT NOT NULL,
    upload     TEXT NOT NULL,
    media_type TEXT NOT NULL,
    tag        TEXT NOT NULL,
    content    BLOB NOT NULL,
    PRIMARY KEY (book_id, size)
) STRICT;
