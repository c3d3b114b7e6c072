-- Covers of books, and the images they are made of until they are.
--
-- cover_uploads.id  UUIDv7: of two uploads for a book the greater is the later
-- covers.upload     the upload it was made of
-- tag               a hash of the content: what an ETag is made of
CREATE TABLE cover_uploads (
    id         uuid        NOT NULL PRIMARY KEY,
    book_id    uuid        NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    content    bytea       NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX cover_uploads_by_book ON cover_uploads (book_id);

CREATE TABLE covers (
    book_id    uuid  NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    size       text  NOT NULL,
    upload     uuid  NOT NULL,
    media_type text  NOT NULL,
    tag        text  NOT NULL,
    content    bytea NOT NULL,
    PRIMARY KEY (book_id, size)
);
