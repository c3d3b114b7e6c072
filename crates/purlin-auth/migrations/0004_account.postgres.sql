-- Tokens that are good once: one for each user and purpose. `key` is the SHA-256 of what the mail
-- says: whoever reads this table cannot use it. `issued` counts since the window began.
CREATE TABLE auth_one_time_tokens (
    user_id        text        COLLATE "C" NOT NULL,
    purpose        text        COLLATE "C" NOT NULL,
    key            bytea       NOT NULL CHECK (length(key) = 32),
    about          text        NOT NULL,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz,
    issued         bigint      NOT NULL CHECK (issued > 0),
    window_ends_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, purpose)
);
CREATE UNIQUE INDEX auth_one_time_tokens_by_key ON auth_one_time_tokens (key);
-- For clearing away what has expired.
CREATE INDEX auth_one_time_tokens_by_end ON auth_one_time_tokens (expires_at);

-- Second factors. `sealed` is the secret, encrypted; `last_step` the half minute of the last code
-- that was taken, so that none is taken twice.
CREATE TABLE auth_totp (
    user_id      text        COLLATE "C" NOT NULL PRIMARY KEY,
    sealed       bytea       NOT NULL,
    last_step    bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz
);

-- Recovery codes that are left: `key` is a keyed hash; a code that is used is deleted.
CREATE TABLE auth_totp_recovery (
    user_id text  COLLATE "C" NOT NULL,
    key     bytea NOT NULL CHECK (length(key) = 32),
    PRIMARY KEY (user_id, key)
);

-- What happened around identity. Rows are added, and cleared away when they are old.
CREATE TABLE auth_audit (
    id         uuid        NOT NULL PRIMARY KEY,
    kind       text        COLLATE "C" NOT NULL,
    user_id    text        COLLATE "C",
    address    text        COLLATE "C",
    request_id text        COLLATE "C",
    at         timestamptz NOT NULL,
    details    jsonb       NOT NULL
);
CREATE INDEX auth_audit_by_user ON auth_audit (user_id, id DESC);
CREATE INDEX auth_audit_by_time ON auth_audit (at);
