-- One-time tokens: at most one for each user and purpose, so a new one puts the old one out.
-- `token_hash` is the SHA-256 of what the mail says: whoever reads this table cannot use it.
CREATE TABLE auth_one_time (
    user_id    text        COLLATE "C" NOT NULL,
    purpose    text        COLLATE "C" NOT NULL,
    token_hash bytea       NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    about      text        NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (user_id, purpose)
);
-- For clearing away what has expired.
CREATE INDEX auth_one_time_by_end ON auth_one_time (expires_at);

-- Second factors. `sealed` is the secret under a key that is not in the database; `last_step` is
-- the latest step whose code was used: none up to it is taken again. `confirmed_at` is NULL until
-- the first code was shown.
CREATE TABLE auth_totp (
    user_id      text        COLLATE "C" NOT NULL PRIMARY KEY,
    sealed       bytea       NOT NULL,
    last_step    bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz
);

CREATE TABLE auth_recovery_codes (
    user_id   text        COLLATE "C" NOT NULL REFERENCES auth_totp (user_id) ON DELETE CASCADE,
    code_hash bytea       NOT NULL CHECK (length(code_hash) = 32),
    used_at   timestamptz,
    PRIMARY KEY (user_id, code_hash)
);

-- Who did what. Rows are added, never changed, and go when their time is over.
CREATE TABLE auth_audit (
    id         uuid        NOT NULL PRIMARY KEY,
    kind       text        NOT NULL,
    user_id    text        COLLATE "C",
    address    text,
    request_id text,
    at         timestamptz NOT NULL,
    details    jsonb       NOT NULL
);
CREATE INDEX auth_audit_by_user ON auth_audit (user_id, id);
CREATE INDEX auth_audit_by_time ON auth_audit (at);
CREATE FUNCTION auth_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'auth_audit is append-only';
END
$$;
CREATE TRIGGER auth_audit_is_append_only BEFORE UPDATE ON auth_audit
    FOR EACH ROW EXECUTE FUNCTION auth_audit_refuse();
