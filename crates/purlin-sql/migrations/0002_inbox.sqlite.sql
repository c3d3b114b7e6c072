-- What each consumer has handled.
CREATE TABLE purlin_inbox (
    consumer   TEXT    NOT NULL,
    message_id TEXT    NOT NULL,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (consumer, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX purlin_inbox_by_age ON purlin_inbox (seen_at);
