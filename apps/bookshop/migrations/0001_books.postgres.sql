-- The catalogue.
--
-- id           UUIDv7: its order is the order of creation
-- title_key    the title in lower case, made by the program: what titles are sorted by
-- search       title and authors in lower case, one to a line: what `q` looks through
-- authors      JSON array of names, in order
-- identity     digest of title, authors and year: what an import takes for the same book.
--              Not unique: two books made over HTTP may be equal in all three.
-- version      1 at first, one more with each change: guards against lost updates
--
-- Text that is compared is of the collation "C": code point by code point, as SQLite does it.
CREATE TABLE books (
    id          uuid        NOT NULL PRIMARY KEY,
    title       text        NOT NULL,
    title_key   text        COLLATE "C" NOT NULL,
    search      text        NOT NULL,
    authors     jsonb       NOT NULL CHECK (jsonb_typeof(authors) = 'array'),
    year        bigint      NOT NULL CHECK (year BETWEEN -3000 AND 2100),
    language    text        COLLATE "C" NOT NULL CHECK (length(language) = 2),
    subject     text        COLLATE "C" NOT NULL,
    price_cents bigint      NOT NULL CHECK (price_cents BETWEEN 0 AND 10000000),
    stock       bigint      NOT NULL CHECK (stock BETWEEN 0 AND 1000000),
    identity    text        COLLATE "C" NOT NULL CHECK (length(identity) = 64),
    created_at  timestamptz NOT NULL,
    version     bigint      NOT NULL DEFAULT 1 CHECK (version > 0)
);

-- One index for each order that a page can be continued in; `id` breaks ties upwards in all.
CREATE INDEX books_by_title      ON books (title_key, id);
CREATE INDEX books_by_title_down ON books (title_key DESC, id);
CREATE INDEX books_by_year       ON books (year, id);
CREATE INDEX books_by_year_down  ON books (year DESC, id);
CREATE INDEX books_by_price      ON books (price_cents, id);
CREATE INDEX books_by_price_down ON books (price_cents DESC, id);

-- For the filters, in the default order.
CREATE INDEX books_by_subject    ON books (subject, id);
CREATE INDEX books_by_language   ON books (language, id);

-- For the import.
CREATE INDEX books_by_identity   ON books (identity, id);
