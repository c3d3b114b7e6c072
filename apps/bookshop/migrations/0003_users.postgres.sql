-- People who can sign in.
--
-- id             UUIDv7: its order is the order of creation
-- email          as its owner writes it, the domain in lower case
-- email_key      the whole address in lower case, made by the program: one account for each
-- password_hash  a PHC string, and never the password
-- roles          JSON array of names, the least first
-- verified_at    when the owner proved to have the address; NULL: not yet
CREATE TABLE users (
    id            uuid        NOT NULL PRIMARY KEY,
    email         text        NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    email_key     text        COLLATE "C" NOT NULL UNIQUE,
    name          text        NOT NULL,
    password_hash text        NOT NULL,
    roles         jsonb       NOT NULL CHECK (jsonb_typeof(roles) = 'array'),
    verified_at   timestamptz,
    created_at    timestamptz NOT NULL
);
