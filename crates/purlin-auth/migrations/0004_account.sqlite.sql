-- Tokens that are good once: one for each user and purpose. `key` is the SHA-256 of what the mail
-- says: whoever reads this table cannot use it. `issued` counts since the window began.
CREATE TABLE auth_one_time_tokens (
    user_id        TEXT    NOT NULL,
    purpose        TEXT    NOT NULL,
    key            BLOB    NOT NULL CHECK (length(key) = 32),
    about          TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    used_at        INTEGER,
    issued         INTEGER NOT NULL CHECK (issued > 0),
    window_ends_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, purpose)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX auth_one_time_tokens_by_key ON auth_one_time_tokens (key);
-- For clearing away what has expired.
CREATE INDEX auth_one_time_tokens_by_end ON auth_one_time_tokens (expires_at);

-- Second factors. `sealed` is the secret, encrypted; `last_step` the half minute of the last code
-- that was taken, so that none is taken twice.
CREATE TABLE auth_totp (
    user_id      TEXT    NOT NULL PRIMARY KEY,
    sealed       BLOB    NOT NULL,
    last_step    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    confirmed_at INTEGER
) STRICT, WITHOUT ROWID;

-- Recovery codes that are left: `key` is a keyed hash; a code that is used is deleted.
CREATE TABLE auth_totp_recovery (
    user_id TEXT NOT NULL,
    key     BLOB NOT NULL CHECK (length(key) = 32),
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;

-- What happened around identity. Rows are added, and cleared away when they are old.
CREATE TABLE auth_audit (
    id         TEXT    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    user_id    TEXT,
    address    TEXT,
    request_id TEXT,
    at         INTEGER NOT NULL,
    details    TEXT    NOT NULL CHECK (json_valid(details))
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_audit_by_user ON auth_audit (user_id, id DESC);
CREATE INDEX auth_audit_by_time ON auth_audit (at);
