-- What readers say about books: one review of a book by each.
--
-- id         UUIDv7 as text, so that its order is the order of creation
-- body_html  cleaned on its way in: it may stand in a page as it is
-- created_at microseconds since 1970, UTC
CREATE TABLE reviews (
    id         TEXT    NOT NULL PRIMARY KEY,
    book_id    TEXT    NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    rating     INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    body_html  TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (book_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX reviews_by_book ON reviews (book_id, id);
CREATE INDEX reviews_by_user ON reviews (user_id, id);
