-- Mails to be sent, written in the transaction of what they tell of.
--
-- id         UUIDv7: its order is the order of writing
-- kind       why it is sent: account.registered, …
-- once_key   no two mails have the same; NULL: it may be repeated
-- sent_at    NULL until it was handed over
CREATE TABLE mails (
    id         uuid        NOT NULL PRIMARY KEY,
    recipient  text        NOT NULL,
    subject    text        NOT NULL,
    body       text        NOT NULL,
    kind       text        NOT NULL,
    once_key   text        COLLATE "C" UNIQUE,
    created_at timestamptz NOT NULL,
    sent_at    timestamptz
);

CREATE INDEX mails_unsent ON mails (id) WHERE sent_at IS NULL;
