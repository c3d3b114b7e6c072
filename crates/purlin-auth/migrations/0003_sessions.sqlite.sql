-- Sessions of browsers. `key` is the SHA-256 of what the cookie says: whoever reads this table
-- cannot sign in with it. `public_id` is what a list of sessions shows.
CREATE TABLE auth_sessions (
    key          BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    public_id    TEXT    NOT NULL,
    user_id      TEXT    NOT NULL,
    roles        TEXT    NOT NULL CHECK (json_valid(roles)),
    device       TEXT    NOT NULL,
    data         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- For the list of a user's sessions, and to end one of them or all.
CREATE UNIQUE INDEX auth_sessions_by_user ON auth_sessions (user_id, public_id);
-- For clearing away what has expired.
CREATE INDEX auth_sessions_by_end ON auth_sessions (expires_at);
