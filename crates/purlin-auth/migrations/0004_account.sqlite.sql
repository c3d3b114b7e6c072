-- One-time tokens: at most one for each user and purpose, so a new one puts the old one out.
-- `token_hash` is the SHA-256 of what the mail says: whoever reads this table cannot use it.
CREATE TABLE auth_one_time (
    user_id    TEXT    NOT NULL,
    purpose    TEXT    NOT NULL,
    token_hash BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    about      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    PRIMARY KEY (user_id, purpose)
) STRICT, WITHOUT ROWID;
-- For clearing away what has expired.
CREATE INDEX auth_one_time_by_end ON auth_one_time (expires_at);

-- Second factors. `sealed` is the secret under a key that is not in the database; `last_step` is
-- the latest step whose code was used: none up to it is taken again. `confirmed_at` is NULL until
-- the first code was shown.
CREATE TABLE auth_totp (
    user_id      TEXT    NOT NULL PRIMARY KEY,
    sealed       BLOB    NOT NULL,
    last_step    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    confirmed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE auth_recovery_codes (
    user_id   TEXT    NOT NULL REFERENCES auth_totp (user_id) ON DELETE CASCADE,
    code_hash BLOB    NOT NULL CHECK (length(code_hash) = 32),
    used_at   INTEGER,
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Who did what. Rows are added, never changed, and go when their time is over.
CREATE TABLE auth_audit (
    id         TEXT    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    user_id    TEXT,
    address    TEXT,
    request_id TEXT,
    at         INTEGER NOT NULL,
    details    TEXT    NOT NULL CHECK (json_valid(details))
) STRICT, WITHOUT ROWID;
CREATE INDEX auth_audit_by_user ON auth_audit (user_id, id);
CREATE INDEX auth_audit_by_time ON auth_audit (at);
CREATE TRIGGER auth_audit_is_append_only BEFORE UPDATE ON auth_audit
BEGIN
    SELECT raise(ABORT, 'auth_audit is append-only');
END;
