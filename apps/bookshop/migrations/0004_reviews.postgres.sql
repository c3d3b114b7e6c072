-- What readers say about books: one review of a book by each.
--
-- id         UUIDv7: its order is the order of creation
-- body_html  cleaned on its way in: it may stand in a page as it is
CREATE TABLE reviews (
    id         uuid        NOT NULL PRIMARY KEY,
    book_id    uuid        NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    user_id    uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    rating     bigint      NOT NULL CHECK (rating BETWEEN 1 AND 5),
    body_html  text        NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (book_id, user_id)
);

CREATE INDEX reviews_by_book ON reviews (book_id, id);
CREATE INDEX reviews_by_user ON reviews (user_id, id);
