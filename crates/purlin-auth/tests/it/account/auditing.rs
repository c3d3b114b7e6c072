//! The audit trail.

use std::time::Duration;

use purlin_auth::audit::{
    Audit, AuditError, DETAIL_CHARS_MAX, DETAILS_MAX, Event, HIDDEN, Recorded,
};
use purlin_base::{Classified, Context, ErrorClass, page::PageInfo, time::Clock};
use purlin_sql::{SqlError, cursor::CursorSigner, keyset::PageRequest};

use super::Place;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Place {
    fn audit(&self) -> Audit {
        Audit::new(self.db.clone()).world(self.clock(), self.ids())
    }

    async fn page(
        &self,
        user: &str,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<(Vec<Recorded>, Option<String>), AuditError> {
        let signer = CursorSigner::new([7; 32]).unwrap();
        let request = PageRequest::new(Some(limit), cursor).into();
        let page = self.audit().of_user(&signer, user, request).await?;
        let PageInfo::Cursor(ends) = page.page else {
            panic!("a walk by cursor");
        };
        Ok((page.items, ends.next_cursor))
    }

    async fn of(&self, user: &str) -> Vec<Recorded> {
        self.page(user, 100, None).await.unwrap().0
    }
}

pub(super) async fn an_event_is_written_with_all_that_is_known(place: &Place) {
    let context = Context::builder().request_id("request-7").build();
    let event = context.sync_scope(|| {
        Event::new("roles.changed")
            .user("ada")
            .address("::ffff:192.0.2.1".parse().unwrap())
            .detail("by", "bob")
            .detail("to", "staff")
    });
    place.audit().record_alone(event).await.unwrap();
    place
        .audit()
        .record_alone(Event::new("start"))
        .await
        .unwrap();
    let events = place.of("ada").await;
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(
        (&*event.kind, event.at),
        ("roles.changed", place.clock.now())
    );
    assert_eq!(event.user.as_deref(), Some("ada"));
    assert_eq!(event.address.as_deref(), Some("192.0.2.1"));
    assert_eq!(event.request_id.as_deref(), Some("request-7"));
    let details: Vec<(&str, &str)> = event.details.iter().map(|(a, b)| (&**a, &**b)).collect();
    assert_eq!(details, [("by", "bob"), ("to", "staff")]);
    assert_eq!(
        place
            .count("select count(*) from auth_audit where user_id is null")
            .await,
        1
    );
}

pub(super) async fn an_event_goes_with_its_transaction(place: &Place) {
    let audit = place.audit();
    let write = async |is_kept: bool| {
        let write = place.db.transaction(async |tx| {
            audit.record(tx, Event::new("sign-in").user("ada")).await?;
            if is_kept {
                Ok(())
            } else {
                Err(AuditError::Sql(SqlError::NoRow))
            }
        });
        write.await.is_ok()
    };
    assert!(!write(false).await);
    assert_eq!(place.of("ada").await, []);
    assert!(write(true).await);
    assert_eq!(place.of("ada").await.len(), 1);
}

pub(super) async fn events_of_a_user_are_listed_latest_first_by_page(place: &Place) {
    for number in 0..5 {
        let event = Event::new("sign-in")
            .user("ada")
            .detail("number", number.to_string());
        place.audit().record_alone(event).await.unwrap();
        place
            .audit()
            .record_alone(Event::new("sign-in").user("bob"))
            .await
            .unwrap();
        place.clock.advance(Duration::from_millis(1));
    }
    let numbers = |events: &[Recorded]| -> Vec<String> {
        events
            .iter()
            .map(|event| event.details["number"].clone())
            .collect()
    };
    let (first, next) = place.page("ada", 3, None).await.unwrap();
    assert_eq!(numbers(&first), ["4", "3", "2"]);
    // What comes in between does not shift the pages.
    let late = Event::new("sign-in").user("ada").detail("number", "5");
    place.audit().record_alone(late).await.unwrap();
    let (second, end) = place.page("ada", 3, next.as_deref()).await.unwrap();
    assert_eq!(
        (numbers(&second), end),
        (vec!["1".to_owned(), "0".to_owned()], None)
    );
    let foreign = place.page("bob", 3, next.as_deref()).await.unwrap_err();
    assert_eq!(foreign.class(), ErrorClass::BadRequest);
}

pub(super) async fn events_are_never_changed(place: &Place) {
    place
        .audit()
        .record_alone(Event::new("sign-in").user("ada"))
        .await
        .unwrap();
    let change = "update auth_audit set user_id = 'bob'";
    assert!(place.db.write(change).execute().await.is_err());
    assert_eq!(place.of("ada").await.len(), 1);
}

pub(super) async fn events_go_when_their_time_is_over(place: &Place) {
    let audit = place.audit().retention(30 * DAY);
    let write = async || {
        audit
            .record_alone(Event::new("sign-in").user("ada"))
            .await
            .unwrap()
    };
    write().await;
    place.clock.advance(DAY);
    write().await;
    place.clock.advance(29 * DAY - Duration::from_micros(1));
    assert_eq!(audit.sweep().await.unwrap(), 0);
    place.clock.advance(Duration::from_micros(1));
    assert_eq!(audit.sweep().await.unwrap(), 1);
    assert_eq!(place.of("ada").await.len(), 1);
    // Nobody can clear away today.
    let hasty = place.audit().retention(Duration::ZERO);
    write().await;
    assert_eq!(hasty.sweep().await.unwrap(), 1);
    assert_eq!(place.of("ada").await.len(), 1);
}

pub(super) async fn what_is_out_of_bounds_is_cut_and_what_is_secret_hidden(place: &Place) {
    const NAMES: [&str; 20] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r",
        "s", "t",
    ];
    let mut event = Event::new("sign-in.refused")
        .user("ada")
        .detail("new_password", "correct-horse-battery")
        .detail("refreshToken", "eyJ")
        .detail("agent", "é".repeat(5_000))
        .detail("line", "one\r\ntwo\0three");
    for name in NAMES {
        event = event.detail(name, "x");
    }
    place.audit().record_alone(event).await.unwrap();
    let long = "u".repeat(1 << 20);
    let much = Event::new("sign-in.refused").user(&long);
    place.audit().record_alone(much).await.unwrap();
    let events = place.of("ada").await;
    let details = &events[0].details;
    assert_eq!(details.len(), DETAILS_MAX);
    assert_eq!(
        (&*details["new_password"], &*details["refreshToken"]),
        (HIDDEN, HIDDEN)
    );
    assert_eq!(details["agent"].chars().count(), DETAIL_CHARS_MAX);
    assert_eq!(details["line"], "one\u{fffd}\u{fffd}two\u{fffd}three");
    assert_eq!(place.of(&long[..128]).await.len(), 1);
}
