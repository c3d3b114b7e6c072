//! What revocation does to access tokens, on every engine.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use purlin_auth::refresh::{RefreshError, RefreshTokens};
use purlin_sql::{Db, Json, SqlError};

use super::{Place, SECRET};

pub(super) async fn signing_out_everywhere_spares_a_new_sign_in_of_the_same_second(db: Db) {
    let place = Place::new(&db).await;
    let other = place.another().await;
    let before = place.begin("ada").await;
    let old = place.access("ada", Some(before.family));
    let alone = place.access("ada", None);
    let stranger = place.access("bob", None);
    place.revoke_all("ada").await.committed();
    let after = place.begin("ada").await;
    let new = place.access("ada", Some(after.family));
    other.standing.poll_once().await.unwrap();
    for place in [&place, &other] {
        assert!(!place.lets(&old));
        assert!(!place.lets(&alone));
        assert!(place.lets(&new), "issued in the same second, after it");
        assert!(place.lets(&stranger));
    }
    place.advance(1);
    assert!(place.lets(&place.access("ada", None)));
    assert!(matches!(
        place.redeem(&before.token).await,
        Err(RefreshError::Revoked)
    ));
    assert!(place.redeem(&after.token).await.is_ok());
}

pub(super) async fn another_process_hears_of_it_when_it_reads(db: Db) {
    let place = Place::new(&db).await;
    let other = place.another().await;
    let issued = place.begin("ada").await;
    let access = place.access("ada", Some(issued.family));
    assert!(place.revoke_shown(&issued.token).await.changed());
    assert!(
        !place.lets(&access),
        "at once, though nobody said that it was committed"
    );
    assert!(other.lets(&access));
    let mut listening = pin!(other.standing.run());
    let begun = poll_fn(|cx| Poll::Ready(listening.as_mut().poll(cx).is_pending()));
    assert!(begun.await, "it waits for its time");
    place.clock.advance(Duration::from_millis(250));
    let heard = async {
        while other.lets(&access) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = listening => unreachable!("it reads until it is dropped"),
        () = heard => {}
    }
}

pub(super) async fn rows_of_transactions_that_overlap_a_reading_are_not_missed(db: Db) {
    let place = Place::new(&db).await;
    let other = place.another().await;
    let (early, late) = (place.begin("ada").await, place.begin("bob").await);
    let slow = db.transaction(async |tx| {
        let notice = place.tokens.revoke_family(tx, "ada", early.family).await?;
        if db.engine() == "postgres" {
            // Written later and committed earlier, and read in between.
            let (db, tokens, shown) = (db.clone(), place.tokens.clone(), late.token.clone());
            let inner = purlin_runtime::spawn(async move {
                db.transaction(async |tx| tokens.revoke_shown(tx, &shown).await)
                    .await
            });
            inner.await.unwrap()?.committed();
        }
        other.standing.poll_once().await?;
        Ok::<_, SqlError>(notice)
    });
    drop(slow.await.unwrap());
    assert!(other.lets(&place.access("ada", Some(early.family))));
    other.standing.poll_once().await.unwrap();
    assert!(!other.lets(&place.access("ada", Some(early.family))));
    assert_eq!(
        other.lets(&place.access("bob", Some(late.family))),
        db.engine() != "postgres"
    );
}

pub(super) async fn a_change_that_was_rolled_back_is_forgotten(db: Db) {
    let place = Place::new(&db).await;
    let issued = place.begin("ada").await;
    let access = place.access("ada", Some(issued.family));
    let undone = db.transaction(async |tx| {
        drop(place.tokens.revoke_all(tx, "ada").await?);
        Err::<(), _>(SqlError::NoRow)
    });
    assert!(undone.await.is_err());
    assert!(!place.lets(&access), "as long as it may be committed yet");
    place.standing.poll_once().await.unwrap();
    assert!(!place.lets(&access));
    place
        .clock
        .advance(db.config().transaction_deadline + Duration::from_secs(5));
    place.standing.poll_once().await.unwrap();
    assert!(place.lets(&access));
    assert!(place.standing.is_empty());
}

pub(super) async fn new_roles_take_away_before_the_commit_and_give_after_it(db: Db) {
    let place = Place::new(&db).await;
    let access = place.access("ada", None);
    let roles = |place: &Place| {
        let who = place.standing.judge(&access).unwrap();
        who.roles().map(str::to_owned).collect::<Vec<_>>()
    };
    let notice = place.set_roles("ada", &["staff", "admin"]).await;
    assert!(
        roles(&place).is_empty(),
        "neither the old ones nor the new ones"
    );
    notice.committed();
    assert_eq!(roles(&place), ["staff", "admin"]);
    drop(place.set_roles("ada", &["staff"]).await);
    assert_eq!(roles(&place), ["staff"], "taken away at once");
    let other = place.another().await;
    assert_eq!(roles(&other), ["staff"], "the latest");
    place.advance(900 + 121);
    place.standing.poll_once().await.unwrap();
    assert_eq!(
        roles(&place),
        ["reader"],
        "no token from before is left by now"
    );
}

pub(super) async fn a_process_that_starts_knows_what_was_revoked_before(db: Db) {
    let place = Place::new(&db).await;
    let issued = place.begin("ada").await;
    place.revoke_all("ada").await.committed();
    place.revoke_all("ada").await.committed();
    let late = place.another().await;
    assert!(!late.lets(&place.access("ada", Some(issued.family))));
    let short = RefreshTokens::builder(&late.standing, &SECRET[..31]).build();
    assert_eq!(short.unwrap_err().setting, "secret");
}

pub(super) async fn sign_outs_everywhere_at_once_all_succeed(db: Db) {
    let place = Place::new(&db).await;
    let mut families = Vec::new();
    for _ in 0..20 {
        families.push(place.begin("ada").await.family);
    }
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (db, tokens) = (db.clone(), place.tokens.clone());
            purlin_runtime::spawn(async move {
                db.transaction(async |tx| tokens.revoke_all(tx, "ada").await)
                    .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap().committed();
    }
    for family in families {
        assert!(!place.lets(&place.access("ada", Some(family))));
    }
    assert!(place.tokens.list("ada").await.unwrap().is_empty());
}

pub(super) async fn roles_that_are_set_at_once_end_the_same_everywhere(db: Db) {
    let place = Place::new(&db).await;
    let other = place.another().await;
    let tasks: Vec<_> = (0..12)
        .map(|number| {
            let (db, standing) = (db.clone(), place.standing.clone());
            purlin_runtime::spawn(async move {
                let roles = [format!("role-{number}")];
                let set = db.transaction(async |tx| standing.set_roles(tx, "ada", &roles).await);
                set.await
            })
        })
        .collect();
    let mut notices = Vec::new();
    for task in tasks {
        notices.push(task.await.unwrap().unwrap());
    }
    // Told in another order than that of the commits.
    while let Some(notice) = notices.pop() {
        notice.committed();
    }
    other.standing.poll_once().await.unwrap();
    let select = "select roles from auth_standing order by seq desc limit 1";
    let read = db.read().query(select).fetch_one::<(Json<Vec<String>>,)>();
    let (Json(latest),) = read.await.unwrap();
    for place in [&place, &other, &place.another().await] {
        let who = place.standing.judge(&place.access("ada", None)).unwrap();
        assert_eq!(who.roles().collect::<Vec<_>>(), latest);
    }
}
