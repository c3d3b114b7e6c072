-- People who can sign in.
--
-- id             UUIDv7 as text, so that its order is the order of creation
-- email          as its owner writes it, the domain in lower case
-- email_key      the whole address in lower case, made by the program: one account for each
-- password_hash  a PHC string, and never the password
-- roles          JSON array of names, the least first
-- verified_at    when the owner proved to have the address; NULL: not yet
-- created_at     microseconds since 1970, UTC
CREATE TABLE users (
    id            TEXT    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    email_key     TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    roles         TEXT    NOT NULL CHECK (json_valid(roles)),
    verified_at   INTEGER,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
