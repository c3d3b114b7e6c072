//! The inbox: each message once for each consumer.

use std::time::Duration;

use purlin_base::Classified;
use purlin_sql::{
    Db, SqlError, TimeOffset,
    inbox::{Inbox, InboxError, KEPT_FOR, Once},
};

async fn inbox(db: &Db) -> (Inbox, TimeOffset) {
    db.migrate(&purlin_sql::outbox::OUTBOX).await.unwrap();
    let offset = TimeOffset::default();
    (Inbox::new(db).time_offset(offset.clone()), offset)
}

async fn once(db: &Db, inbox: &Inbox, consumer: &str, id: &str) -> Result<Once, InboxError> {
    db.transaction(async |tx| inbox.once(tx, consumer, id).await)
        .await
}

pub(crate) async fn a_message_is_the_first_once_for_each_consumer(db: &Db) {
    let (inbox, _) = inbox(db).await;
    for consumer in ["mail", "ship"] {
        assert_eq!(once(db, &inbox, consumer, "m").await.unwrap(), Once::First);
        assert_eq!(once(db, &inbox, consumer, "m").await.unwrap(), Once::Seen);
    }
    for name in ["", &"x".repeat(256), "a\0b"] {
        let refused = once(db, &inbox, "mail", name).await.unwrap_err();
        assert_eq!(refused.code(), "INBOX_NAME");
    }
}

pub(crate) async fn a_message_whose_effect_was_undone_is_the_first_again(db: &Db) {
    let (inbox, _) = inbox(db).await;
    let undone = db.transaction(async |tx| {
        assert_eq!(inbox.once(tx, "mail", "m").await?, Once::First);
        assert_eq!(inbox.once(tx, "mail", "m").await?, Once::Seen);
        Err::<(), InboxError>(SqlError::NoRow.into())
    });
    undone.await.unwrap_err();
    assert_eq!(once(db, &inbox, "mail", "m").await.unwrap(), Once::First);
}

pub(crate) async fn of_many_at_the_same_time_one_is_the_first(db: &Db) {
    let (inbox, _) = inbox(db).await;
    for round in 0..10 {
        let id = round.to_string();
        let ask = || {
            let (db, inbox, id) = (db.clone(), inbox.clone(), id.clone());
            purlin_runtime::spawn(async move { once(&db, &inbox, "mail", &id).await })
        };
        let mut firsts = 0;
        for asked in [ask(), ask(), ask(), ask()] {
            firsts += u32::from(asked.await.unwrap().unwrap() == Once::First);
        }
        assert_eq!(firsts, 1);
    }
}

pub(crate) async fn notes_are_forgotten_by_age_in_bounded_batches(db: &Db) {
    let (inbox, offset) = inbox(db).await;
    for id in ["0", "1", "2"] {
        once(db, &inbox, "mail", id).await.unwrap();
    }
    offset.advance(KEPT_FOR - Duration::from_secs(60));
    once(db, &inbox, "mail", "young").await.unwrap();
    assert_eq!(inbox.sweep(2).await.unwrap(), 0);
    offset.advance(Duration::from_secs(61));
    assert_eq!(inbox.sweep(2).await.unwrap(), 2);
    assert_eq!(inbox.sweep(2).await.unwrap(), 1);
    assert_eq!(inbox.sweep(2).await.unwrap(), 0);
    assert_eq!(once(db, &inbox, "mail", "0").await.unwrap(), Once::First);
    assert_eq!(once(db, &inbox, "mail", "young").await.unwrap(), Once::Seen);
}
