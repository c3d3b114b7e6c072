//! What holds on every engine.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use purlin_auth::refresh::{Device, RefreshError, RefreshTokens};
use purlin_base::{Classified, time::ManualClock, time::Timestamp};
use purlin_sql::{Db, Json, SqlError};

use super::{Place, SECRET};

fn is_reused<T>(answer: &Result<T, RefreshError>) -> bool {
    matches!(answer, Err(RefreshError::Reused { .. }))
}

pub(super) async fn a_token_is_answered_with_its_successor_until_the_family_ends(db: Db) {
    let place = Place::new(&db).await;
    let issued = place.begin("ada").await;
    let mut token = issued.token.clone();
    for _ in 0..29 {
        place.advance(86_400);
        let next = place.redeem(&token).await.unwrap();
        assert_eq!((&*next.user, next.family), ("ada", issued.family));
        assert_eq!(
            next.expires_at, issued.expires_at,
            "rotation does not extend it"
        );
        assert_ne!(next.token, token);
        token = next.token;
    }
    place.advance(86_400);
    let late = place.redeem(&token).await;
    assert!(matches!(late, Err(RefreshError::Expired)), "{late:?}");
}

pub(super) async fn nothing_of_a_token_is_readable_in_the_database(db: Db) {
    let place = Place::new(&db).await;
    let first = place.begin("ada").await;
    let second = place.redeem(&first.token).await.unwrap();
    let select = "select key, salt from auth_refresh_tokens order by used_at is null";
    let rows: Vec<(Vec<u8>, Option<Vec<u8>>)> = db.read().query(select).fetch_all().await.unwrap();
    assert_eq!(rows.len(), 2);
    let kept: Vec<u8> = rows
        .into_iter()
        .flat_map(|(key, salt)| [key, salt.unwrap_or_default()])
        .flatten()
        .collect();
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    for token in [&first.token, &second.token] {
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
        assert!(!kept.windows(32).any(|window| window == bytes));
        let shown = format!("{first:?} {second:?} {:?}", place.tokens);
        assert!(!shown.contains(token.as_str()));
    }
    // The database is not enough to make the successor: another secret gives another.
    let other = RefreshTokens::builder(&place.standing, &[7; 32])
        .build()
        .unwrap();
    assert!(is_reused(&other.redeem(&first.token).await));
}

pub(super) async fn a_spent_token_gets_the_same_successor_while_that_is_unused_and_no_longer_than_the_grace(
    db: Db,
) {
    let place = Place::new(&db).await;
    let first = place.begin("ada").await;
    let access = place.access("ada", Some(first.family));
    let second = place.redeem(&first.token).await.unwrap();
    place.advance(9);
    assert_eq!(
        place.another().await.redeem(&first.token).await.unwrap(),
        second
    );
    assert!(place.lets(&access));
    place.advance(1);
    let late = place.redeem(&first.token).await;
    assert!(is_reused(&late), "{late:?}");
    assert_eq!(late.unwrap_err().class().status(), 401);
    assert!(matches!(
        place.redeem(&second.token).await,
        Err(RefreshError::Revoked)
    ));
    assert!(!place.lets(&access), "its access tokens end with it");
}

pub(super) async fn a_spent_token_whose_successor_was_used_ends_the_family(db: Db) {
    let place = Place::new(&db).await;
    let (first, stranger) = (place.begin("ada").await, place.begin("bob").await);
    let second = place.redeem(&first.token).await.unwrap();
    let third = place.redeem(&second.token).await.unwrap();
    assert!(is_reused(&place.redeem(&first.token).await));
    for token in [&first.token, &second.token, &third.token] {
        let refused = place.redeem(token).await.unwrap_err();
        assert!(matches!(refused, RefreshError::Revoked));
        assert_eq!(refused.code(), "REFRESH_INVALID");
        assert_eq!(
            refused.public_detail().unwrap(),
            "the refresh token is not valid"
        );
    }
    assert_eq!(place.redeem(&stranger.token).await.unwrap().user, "bob");
}

pub(super) async fn fifty_redeems_of_one_token_make_one_rotation(db: Db) {
    let place = Place::new(&db).await;
    let first = place.begin("ada").await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (tokens, shown) = (place.tokens.clone(), first.token.clone());
            purlin_runtime::spawn(async move { tokens.redeem(&shown).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap().unwrap().token);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(
        place
            .count("select count(*) from auth_refresh_tokens")
            .await,
        2
    );
    assert!(place.redeem(&answers[0]).await.is_ok());
}

pub(super) async fn a_redeem_and_a_revocation_at_once_leave_the_family_revoked(db: Db) {
    let place = Place::new(&db).await;
    for _ in 0..10 {
        let first = place.begin("ada").await;
        let (redeemed, notice) =
            tokio::join!(place.redeem(&first.token), place.revoke_shown(&first.token));
        notice.committed();
        if let Ok(next) = redeemed {
            let after = place.redeem(&next.token).await;
            assert!(matches!(after, Err(RefreshError::Revoked)), "{after:?}");
        }
        assert!(!place.lets(&place.access("ada", Some(first.family))));
    }
}

pub(super) async fn what_is_no_token_is_refused_and_harms_nobody(db: Db) {
    let place = Place::new(&db).await;
    let first = place.begin("ada").await;
    let token = &first.token;
    let (long, padded) = ("a".repeat(1 << 20), format!("{token}="));
    let other_alphabet = format!("+/{}", &token[2..]);
    let loose_bits = format!("{}B", "A".repeat(42));
    for shown in [
        "",
        &token[..42],
        &long,
        &padded,
        &other_alphabet,
        &loose_bits,
        "\u{e9}",
    ] {
        let answer = place.redeem(shown).await;
        assert!(matches!(answer, Err(RefreshError::Malformed)), "{answer:?}");
        assert!(!place.revoke_shown(shown).await.changed());
    }
    let made_up = place.redeem(&"A".repeat(43)).await;
    assert!(matches!(made_up, Err(RefreshError::Unknown)));
    assert!(place.redeem(token).await.is_ok());
    let nobody = db.transaction(async |tx| place.tokens.begin(tx, "", &Device::default()).await);
    assert!(matches!(
        nobody.await,
        Err(RefreshError::User { user_bytes: 0 })
    ));
}

pub(super) async fn devices_are_listed_and_ended_one_by_one_and_not_by_strangers(db: Db) {
    let place = Place::new(&db).await;
    let phone = place.begin("ada").await;
    place.advance(5);
    let laptop = place.begin("ada").await;
    place.advance(5);
    let next = place.redeem(&phone.token).await.unwrap();
    let list = place.tokens.list("ada").await.unwrap();
    assert_eq!(
        list.iter().map(|f| f.id).collect::<Vec<_>>(),
        [phone.family, laptop.family]
    );
    assert_eq!(
        (&*list[0].device, &*list[0].address),
        ("Firefox", "192.0.2.7")
    );
    assert_eq!(
        list[0].last_used_at.since(list[0].created_at),
        Duration::from_secs(10)
    );

    let revoke = async |user: &str| {
        let revoke =
            db.transaction(async |tx| place.tokens.revoke_family(tx, user, phone.family).await);
        revoke.await.unwrap().changed()
    };
    assert!(!revoke("bob").await);
    assert!(place.lets(&place.access("ada", Some(phone.family))));
    assert!(revoke("ada").await);
    assert!(!revoke("ada").await, "once");
    assert!(matches!(
        place.redeem(&next.token).await,
        Err(RefreshError::Revoked)
    ));
    assert_eq!(place.tokens.list("ada").await.unwrap().len(), 1);
}

pub(super) async fn one_sign_in_too_many_ends_the_longest_unused(db: Db) {
    let clock = ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_000_000));
    let place = Place::with(&db, &clock, |builder| builder.families_max(2)).await;
    let mut issued = Vec::new();
    for _ in 0..3 {
        issued.push(place.begin("ada").await);
        place.advance(1);
    }
    assert!(matches!(
        place.redeem(&issued[0].token).await,
        Err(RefreshError::Revoked)
    ));
    assert!(place.redeem(&issued[1].token).await.is_ok());
    assert!(place.redeem(&issued[2].token).await.is_ok());
}

pub(super) async fn what_has_expired_is_swept_in_batches(db: Db) {
    let place = Place::new(&db).await;
    for _ in 0..5 {
        let issued = place.begin("ada").await;
        place.redeem(&issued.token).await.unwrap();
    }
    place.revoke_all("ada").await.committed();
    assert_eq!(place.tokens.sweep(100).await.unwrap(), 0);
    place.advance(31 * 86_400);
    let lasting = place.begin("bob").await;
    assert_eq!(place.tokens.sweep(4).await.unwrap(), 12);
    while place.tokens.sweep(4).await.unwrap() > 0 {}
    assert_eq!(
        place
            .count("select count(*) from auth_refresh_tokens")
            .await,
        1
    );
    assert_eq!(
        place
            .count("select count(*) from auth_refresh_families")
            .await,
        1
    );
    assert_eq!(place.count("select count(*) from auth_standing").await, 0);
    assert!(place.redeem(&lasting.token).await.is_ok());
    place.standing.poll_once().await.unwrap();
    assert!(place.standing.is_empty(), "memory forgets too");
}

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

pub(super) async fn a_sign_in_can_be_refreshed_only_so_often(db: Db) {
    let clock = ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_000_000));
    let place = Place::with(&db, &clock, |builder| builder.uses_max(2)).await;
    let first = place.begin("ada").await;
    let second = place.redeem(&first.token).await.unwrap();
    let third = place.redeem(&second.token).await.unwrap();
    let fourth = place.redeem(&third.token).await;
    assert!(matches!(fourth, Err(RefreshError::Expired)), "{fourth:?}");
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
