-- Messages for other systems. `seq` is the order of sending and is never given twice, so that a
-- relay that was thought dead deletes nothing but what it has sent. Rows come and go quickly, so
-- the table is vacuumed by their number and not by its size.
CREATE TABLE purlin_outbox (
    seq         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          uuid        NOT NULL UNIQUE,
    sink        text        COLLATE "C" NOT NULL,
    destination text        COLLATE "C" NOT NULL,
    key         text        COLLATE "C",
    headers     jsonb       NOT NULL CHECK (jsonb_typeof(headers) = 'object'),
    body        bytea       NOT NULL,
    size        bigint      NOT NULL,
    attempts    bigint      NOT NULL DEFAULT 0,
    reason      text,
    created_at  timestamptz NOT NULL,
    -- When it was put, or requeued.
    queued_at   timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    parked_at   timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE INDEX purlin_outbox_waiting ON purlin_outbox (sink, seq) WHERE parked_at IS NULL;
CREATE INDEX purlin_outbox_parked ON purlin_outbox (sink, seq) WHERE parked_at IS NOT NULL;

-- Keys whose first message failed: the others of the key wait. Without `until`, until an operator
-- decides.
CREATE TABLE purlin_outbox_holds (
    sink        text        COLLATE "C" NOT NULL,
    destination text        COLLATE "C" NOT NULL,
    key         text        COLLATE "C" NOT NULL,
    until       timestamptz,
    PRIMARY KEY (sink, destination, key)
);

-- Who sends to which sink. Every write of a relay names its token.
CREATE TABLE purlin_outbox_leases (
    sink       text        COLLATE "C" NOT NULL PRIMARY KEY,
    token      bigint      NOT NULL,
    expires_at timestamptz NOT NULL
);
