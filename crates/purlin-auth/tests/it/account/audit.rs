//! What happened around identity, written down.

use std::{sync::Arc, time::Duration};

use purlin_auth::audit::{
    Audit, AuditEntry, AuditError, AuditEvent, DETAIL_CHARS_MAX, DETAILS_MAX, KEPT_MIN,
    TEXT_BYTES_MAX,
};
use purlin_base::{
    Page,
    id::IdMaker,
    page::PageInfo,
    random::SeededRng,
    time::{Clock, ManualClock},
};
use purlin_sql::{Db, SqlError, Tx, cursor::CursorSigner, keyset::PageRequest};

use super::clock;
use crate::engines::on_every_engine;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn audit(clock: &ManualClock) -> Audit {
    let ids = IdMaker::new(Arc::new(clock.clone()), Arc::new(SeededRng::new(1)));
    Audit::new().clock(clock.clone()).ids(ids)
}

async fn all(audit: &Audit, db: &Db, user: &str) -> Vec<AuditEntry> {
    let signer = CursorSigner::new([7; 32]).unwrap();
    let request = PageRequest::new(Some(100), None);
    let page = audit.list(db, &signer, user, request).await.unwrap();
    page.items
}

async fn an_event_is_read_back_as_it_was_told(db: Db) {
    let clock = clock();
    let audit = audit(&clock);
    let event = AuditEvent::new("sign_in.failed")
        .user("u1")
        .address("2001:db8::1")
        .request_id("req-1")
        .detail("reason", "wrong \"password\"")
        .detail("device", "Büro");
    audit.record_alone(&db, &event).await.unwrap();
    let entries = all(&audit, &db, "u1").await;
    let entry = &entries[0];
    assert_eq!(entry.kind, "sign_in.failed");
    assert_eq!(entry.user.as_deref(), Some("u1"));
    assert_eq!(entry.address.as_deref(), Some("2001:db8::1"));
    assert_eq!(entry.request_id.as_deref(), Some("req-1"));
    assert_eq!(entry.at, clock.now());
    assert_eq!(entry.details["reason"], "wrong \"password\"");
    assert_eq!(entry.details["device"], "Büro");
    assert!(all(&audit, &db, "u2").await.is_empty());
}

async fn the_events_of_all_are_walked_by_cursors_that_are_good_for_that_list_only(db: Db) {
    let audit = audit(&clock());
    for user in ["u1", "u2", "u1"] {
        let event = AuditEvent::new("sign_in").user(user);
        audit.record_alone(&db, &event).await.unwrap();
    }
    let nobodys = AuditEvent::new("sign_in.failed");
    audit.record_alone(&db, &nobodys).await.unwrap();
    let signer = CursorSigner::new([7; 32]).unwrap();
    let page = async |cursor: Option<&str>| {
        let request = PageRequest::new(Some(3), cursor);
        audit.list_all(&db, &signer, request).await.unwrap()
    };
    let users = |page: &Page<AuditEntry>| -> Vec<Option<String>> {
        page.items.iter().map(|entry| entry.user.clone()).collect()
    };
    let of = |user: &str| Some(user.to_owned());
    let first = page(None).await;
    assert_eq!(users(&first), [None, of("u1"), of("u2")]);
    let PageInfo::Cursor(ends) = first.page else {
        panic!("a walk by cursor");
    };
    let next = ends.next_cursor.unwrap();
    assert_eq!(users(&page(Some(&next)).await), [of("u1")]);
    let request = PageRequest::new(Some(3), Some(&next));
    assert!(audit.list(&db, &signer, "u1", request).await.is_err());
}

async fn an_event_of_a_transaction_is_there_if_the_transaction_is(db: Db) {
    let audit = audit(&clock());
    let event = AuditEvent::new("roles.changed").user("u1");
    let failing = async |tx: &mut Tx| {
        audit.record(tx, &event).await.unwrap();
        Err::<(), _>(SqlError::NoRow)
    };
    assert!(db.transaction(failing).await.is_err());
    assert!(all(&audit, &db, "u1").await.is_empty());
    let work = async |tx: &mut Tx| audit.record(tx, &event).await;
    db.transaction(work).await.unwrap();
    assert_eq!(all(&audit, &db, "u1").await.len(), 1);
}

async fn the_events_of_a_user_are_walked_latest_first_each_once(db: Db) {
    let clock = clock();
    let audit = audit(&clock);
    let work = async |tx: &mut Tx| {
        for number in 0..25 {
            let event = AuditEvent::new("sign_in").user("u1");
            let event = event.detail("number", &number.to_string());
            audit.record(tx, &event).await?;
            audit
                .record(tx, &AuditEvent::new("sign_in").user("u2"))
                .await?;
        }
        Ok::<_, AuditError>(())
    };
    db.transaction(work).await.unwrap();
    let signer = CursorSigner::new([7; 32]).unwrap();
    let (mut cursor, mut seen) = (None::<String>, Vec::new());
    loop {
        let request = PageRequest::new(Some(10), cursor.as_deref());
        let page = audit.list(&db, &signer, "u1", request).await.unwrap();
        seen.extend(
            page.items
                .iter()
                .map(|entry| entry.details["number"].clone()),
        );
        let purlin_base::page::PageInfo::Cursor(info) = page.page else {
            panic!("a page by cursor");
        };
        match info.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    let expected: Vec<String> = (0..25).rev().map(|number| number.to_string()).collect();
    assert_eq!(seen, expected);
}

async fn a_cursor_of_another_user_is_refused(db: Db) {
    let audit = audit(&clock());
    for _ in 0..2 {
        for user in ["u1", "u2"] {
            let event = AuditEvent::new("sign_in").user(user);
            audit.record_alone(&db, &event).await.unwrap();
        }
    }
    let signer = CursorSigner::new([7; 32]).unwrap();
    let first = PageRequest::new(Some(1), None);
    let page = audit.list(&db, &signer, "u1", first).await.unwrap();
    let purlin_base::page::PageInfo::Cursor(info) = page.page else {
        panic!("a page by cursor");
    };
    let cursor = info.next_cursor.unwrap();
    let next = PageRequest::new(Some(1), Some(&cursor));
    audit.list(&db, &signer, "u1", next).await.unwrap();
    let refused = audit.list(&db, &signer, "u2", next).await;
    assert!(matches!(refused, Err(AuditError::List(_))), "{refused:?}");
}

async fn what_strangers_send_is_cut_and_cleaned_and_never_lost(db: Db) {
    let audit = audit(&clock());
    let event = AuditEvent::new("sign_in.failed")
        .user("u1")
        .address(&"é".repeat(1 << 20))
        .request_id("a\0b\r\nc\u{1b}[2J")
        .detail("device", &"語\0".repeat(1 << 20))
        .detail("query", "'); drop table auth_audit; --");
    audit.record_alone(&db, &event).await.unwrap();
    let entries = all(&audit, &db, "u1").await;
    let entry = &entries[0];
    assert_eq!(entry.address.as_ref().unwrap().len(), TEXT_BYTES_MAX);
    let id = "a\u{fffd}b\u{fffd}\u{fffd}c\u{fffd}[2J";
    assert_eq!(entry.request_id.as_deref(), Some(id));
    let device = &entry.details["device"];
    assert_eq!(device.chars().count(), DETAIL_CHARS_MAX);
    assert!(!device.contains('\0'));
    assert_eq!(entry.details["query"], "'); drop table auth_audit; --");
}

async fn a_sweep_takes_what_is_older_than_it_is_kept(db: Db) {
    let clock = clock();
    let audit = audit(&clock);
    let old = AuditEvent::new("old").user("u1");
    let work = async |tx: &mut Tx| {
        for _ in 0..1001 {
            audit.record(tx, &old).await?;
        }
        Ok::<_, AuditError>(())
    };
    db.transaction(work).await.unwrap();
    clock.advance(90 * DAY);
    let new = AuditEvent::new("new").user("u1");
    audit.record_alone(&db, &new).await.unwrap();
    assert_eq!(audit.sweep(&db, 90 * DAY).await.unwrap(), 0);
    clock.advance(Duration::from_micros(1));
    assert_eq!(audit.sweep(&db, 90 * DAY).await.unwrap(), 1001);
    let left = all(&audit, &db, "u1").await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].kind, "new");
    let short = audit.sweep(&db, KEPT_MIN - Duration::from_secs(1)).await;
    assert!(matches!(short, Err(AuditError::Kept)), "{short:?}");
}

on_every_engine! {
    an_event_is_read_back_as_it_was_told,
    the_events_of_all_are_walked_by_cursors_that_are_good_for_that_list_only,
    an_event_of_a_transaction_is_there_if_the_transaction_is,
    the_events_of_a_user_are_walked_latest_first_each_once,
    a_cursor_of_another_user_is_refused,
    what_strangers_send_is_cut_and_cleaned_and_never_lost,
    a_sweep_takes_what_is_older_than_it_is_kept,
}

#[test]
fn a_detail_that_speaks_of_a_secret_is_hidden() {
    for name in [
        "password",
        "newPassword",
        "reset_token",
        "Cookie",
        "totp-code",
    ] {
        let event = AuditEvent::new("sign_in").detail(name, "hunter2");
        assert!(!format!("{event:?}").contains("hunter2"), "{name}");
    }
    let event = AuditEvent::new("sign_in").detail("reason", "hunter2");
    assert!(format!("{event:?}").contains("hunter2"));
}

#[test]
fn of_many_details_the_first_are_kept() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    assert_eq!(names.len(), DETAILS_MAX + 1);
    let event = names
        .iter()
        .fold(AuditEvent::new("x"), |event, name| event.detail(name, "1"));
    let shown = format!("{:?}", event.detail("a", "2"));
    assert!(!shown.contains("\"i\""), "{shown}");
    assert!(shown.contains("\"a\": \"2\""), "{shown}");
}
