-- What each consumer has handled.
CREATE TABLE purlin_inbox (
    consumer   text        COLLATE "C" NOT NULL,
    message_id text        COLLATE "C" NOT NULL,
    seen_at    timestamptz NOT NULL,
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX purlin_inbox_by_age ON purlin_inbox (seen_at);
