//! The deny-list at its bounds, and when its table cannot be read.

use std::{sync::Arc, time::Duration};

use purlin_auth::standing::{Revoked, Standing, StandingBuilder, WhenStale};
use purlin_base::time::{ManualClock, Timestamp};

use crate::{engines::sqlite, refresh::Place};

async fn place(set: impl FnOnce(StandingBuilder) -> StandingBuilder) -> Place {
    let db = sqlite().await;
    let clock = ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_000_000));
    let mut place = Place::with(&db, &clock, |builder| builder).await;
    let builder = Standing::builder(&db).clock(Arc::new(clock));
    place.standing = set(builder).load().await.unwrap();
    place
}

#[tokio::test]
async fn a_list_that_is_full_lets_nobody_in_until_there_is_room() {
    let place = place(|builder| builder.entries_max(2)).await;
    for user in ["ada", "bob", "eve"] {
        place.set_roles(user, &["staff"]).await.committed();
    }
    let stranger = place.access("zoe", None);
    assert_eq!(place.standing.judge(&stranger), Err(Revoked::Unknown));
    place.standing.poll_once().await.unwrap();
    assert_eq!(place.standing.judge(&stranger), Err(Revoked::Unknown));
    assert_eq!(place.standing.len(), 2);
    place.advance(900 + 121);
    place.standing.poll_once().await.unwrap();
    assert!(place.lets(&stranger));
    assert!(place.standing.is_empty());
}

#[tokio::test]
async fn a_list_that_cannot_be_read_answers_as_was_chosen() {
    for (choice, answer) in [(WhenStale::Serve, true), (WhenStale::Refuse, false)] {
        let place = place(|builder| builder.when_stale(choice)).await;
        let token = place.access("ada", None);
        place.db.close().await;
        assert!(place.standing.poll_once().await.is_err());
        assert_eq!(place.standing.polls_failed(), 1);
        assert!(place.lets(&token));
        place.clock.advance(Duration::from_secs(6));
        assert!(place.standing.is_stale());
        assert_eq!(place.lets(&token), answer);
    }
}

#[tokio::test]
async fn a_setting_out_of_range_is_refused_and_named() {
    let place = place(|builder| builder).await;
    let slow = Standing::builder(&place.db).poll_every(Duration::from_secs(1));
    let refused = slow.load().await.unwrap_err().to_string();
    assert!(refused.contains("`poll_every`"), "{refused}");
}
