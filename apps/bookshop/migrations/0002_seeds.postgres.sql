-- What a new database was filled with, so that it is filled once, whatever is deleted later and
-- however many processes start at once.
CREATE TABLE seeds (
    name      text        NOT NULL PRIMARY KEY,
    seeded_at timestamptz NOT NULL
);
