-- Sign-ins: one family of refresh tokens for each. Its end does not move.
CREATE TABLE auth_refresh_families (
    id           uuid        NOT NULL PRIMARY KEY,
    user_id      text        COLLATE "C" NOT NULL,
    device       text        NOT NULL,
    address      text        NOT NULL,
    uses         bigint      NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);
-- For the list of a user's devices, and to revoke them all.
CREATE INDEX auth_refresh_families_by_user ON auth_refresh_families (user_id, last_used_at);
-- For clearing away what has expired.
CREATE INDEX auth_refresh_families_by_end ON auth_refresh_families (expires_at);

-- Their tokens. `key` is the SHA-256 of what the device keeps: whoever reads this table cannot
-- refresh with it. `salt` is set when a token is spent; its successor follows from the token
-- itself, the salt and a secret that is not in this database.
CREATE TABLE auth_refresh_tokens (
    key        bytea       NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    family_id  uuid        NOT NULL,
    parent     bytea,
    salt       bytea,
    used_at    timestamptz,
    expires_at timestamptz NOT NULL,
    CHECK ((used_at IS NULL) = (salt IS NULL))
);
-- A token has one successor at most.
CREATE UNIQUE INDEX auth_refresh_tokens_by_parent ON auth_refresh_tokens (parent);
CREATE INDEX auth_refresh_tokens_by_end ON auth_refresh_tokens (expires_at);

-- What has become of access tokens since they were issued. `stamp` is the transaction that wrote
-- the row: numbers are given before commits, so only this tells which rows a reader cannot have
-- seen yet.
CREATE TABLE auth_standing (
    seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stamp      bigint      NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    kind       text        NOT NULL CHECK (kind IN ('family', 'user', 'roles')),
    subject    text        COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL,
    roles      jsonb       NOT NULL CHECK (jsonb_typeof(roles) = 'array'),
    expires_at timestamptz NOT NULL
);
CREATE INDEX auth_standing_by_stamp ON auth_standing (stamp);
CREATE INDEX auth_standing_by_end ON auth_standing (expires_at);
