-- Mails to be sent, written in the transaction of what they tell of.
--
-- id         UUIDv7 as text, so that its order is the order of writing
-- kind       why it is sent: account.registered, …
-- once_key   no two mails have the same; NULL: it may be repeated
-- sent_at    NULL until it was handed over
CREATE TABLE mails (
    id         TEXT    NOT NULL PRIMARY KEY,
    recipient  TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    once_key   TEXT    UNIQUE,
    created_at INTEGER NOT NULL,
    sent_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX mails_unsent ON mails (id) WHERE sent_at IS NULL;
