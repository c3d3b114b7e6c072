-- Sessions of browsers. `key` is the SHA-256 of what the cookie says: whoever reads this table
-- cannot sign in with it. `public_id` is what a list of sessions shows.
CREATE TABLE auth_sessions (
    key          bytea       NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    public_id    uuid        NOT NULL,
    user_id      text        COLLATE "C" NOT NULL,
    roles        jsonb       NOT NULL CHECK (jsonb_typeof(roles) = 'array'),
    device       text        NOT NULL,
    data         text        NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL
);
-- For the list of a user's sessions, and to end one of them or all.
CREATE UNIQUE INDEX auth_sessions_by_user ON auth_sessions (user_id, public_id);
-- For clearing away what has expired.
CREATE INDEX auth_sessions_by_end ON auth_sessions (expires_at);
