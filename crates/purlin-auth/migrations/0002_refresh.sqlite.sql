-- Sign-ins: one family of refresh tokens for each. Its end does not move.
CREATE TABLE auth_refresh_families (
    id           TEXT    NOT NULL PRIMARY KEY,
    user_id      TEXT    NOT NULL,
    device       TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    uses         INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER
) STRICT, WITHOUT ROWID;
-- For the list of a user's devices, and to revoke them all.
CREATE INDEX auth_refresh_families_by_user ON auth_refresh_families (user_id, last_used_at);
-- For clearing away what has expired.
CREATE INDEX auth_refresh_families_by_end ON auth_refresh_families (expires_at);

-- Their tokens. `key` is the SHA-256 of what the device keeps: whoever reads this table cannot
-- refresh with it. `salt` is set when a token is spent; its successor follows from the token
-- itself, the salt and a secret that is not in this database.
CREATE TABLE auth_refresh_tokens (
    key        BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    family_id  TEXT    NOT NULL,
    parent     BLOB,
    salt       BLOB,
    used_at    INTEGER,
    expires_at INTEGER NOT NULL,
    CHECK ((used_at IS NULL) = (salt IS NULL))
) STRICT, WITHOUT ROWID;
-- A token has one successor at most.
CREATE UNIQUE INDEX auth_refresh_tokens_by_parent ON auth_refresh_tokens (parent);
CREATE INDEX auth_refresh_tokens_by_end ON auth_refresh_tokens (expires_at);

-- What has become of access tokens since they were issued. Numbers are never given twice, and grow
-- in the order of commits, since SQLite has one writer.
CREATE TABLE auth_standing (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL CHECK (kind IN ('family', 'user', 'roles')),
    subject    TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    roles      TEXT    NOT NULL CHECK (json_valid(roles)),
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX auth_standing_by_end ON auth_standing (expires_at);
