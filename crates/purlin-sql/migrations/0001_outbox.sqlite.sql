-- Messages for other systems. `seq` is the order of sending and is never given twice, so that a
-- relay that was thought dead deletes nothing but what it has sent.
CREATE TABLE purlin_outbox (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,
    sink        TEXT    NOT NULL,
    destination TEXT    NOT NULL,
    key         TEXT,
    headers     TEXT    NOT NULL CHECK (json_type(headers) = 'object'),
    body        BLOB    NOT NULL,
    size        INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    reason      TEXT,
    created_at  INTEGER NOT NULL,
    -- When it was put, or requeued.
    queued_at   INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    parked_at   INTEGER
) STRICT;
CREATE INDEX purlin_outbox_waiting ON purlin_outbox (sink, seq) WHERE parked_at IS NULL;
CREATE INDEX purlin_outbox_parked ON purlin_outbox (sink, seq) WHERE parked_at IS NOT NULL;

-- Keys whose first message failed: the others of the key wait. Without `until`, until an operator
-- decides.
CREATE TABLE purlin_outbox_holds (
    sink        TEXT NOT NULL,
    destination TEXT NOT NULL,
    key         TEXT NOT NULL,
    until       INTEGER,
    PRIMARY KEY (sink, destination, key)
) STRICT, WITHOUT ROWID;

-- Who sends to which sink. Every write of a relay names its token.
CREATE TABLE purlin_outbox_leases (
    sink       TEXT    NOT NULL PRIMARY KEY,
    token      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
