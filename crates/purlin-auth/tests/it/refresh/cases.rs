//! What holds on every engine.

use std::time::Duration;

use purlin_auth::refresh::{Device, RefreshError, RefreshTokens};
use purlin_base::{Classified, time::ManualClock, time::Timestamp};
use purlin_sql::Db;

use super::Place;

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

pub(super) async fn a_token_of_one_family_is_nothing_to_another_of_the_same_user(db: Db) {
    let place = Place::new(&db).await;
    let (phone, laptop) = (place.begin("ada").await, place.begin("ada").await);
    let [of_phone, of_laptop] = [&phone, &laptop].map(|it| place.access("ada", Some(it.family)));
    let second = place.redeem(&phone.token).await.unwrap();
    assert_eq!(second.family, phone.family);
    place.redeem(&second.token).await.unwrap();
    // A copy of the phone's token ends the phone's sign-in, and not the laptop's.
    assert!(is_reused(&place.redeem(&phone.token).await));
    assert!(!place.lets(&of_phone));
    assert!(place.lets(&of_laptop));
    let next = place.redeem(&laptop.token).await.unwrap();
    assert_eq!(next.family, laptop.family);
    // What is left of the phone's ends nothing either.
    assert!(!place.revoke_shown(&second.token).await.changed());
    assert!(place.lets(&of_laptop));
    assert!(place.redeem(&next.token).await.is_ok());
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

pub(super) async fn a_sign_in_can_be_refreshed_only_so_often(db: Db) {
    let clock = ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_000_000));
    let place = Place::with(&db, &clock, |builder| builder.uses_max(2)).await;
    let first = place.begin("ada").await;
    let second = place.redeem(&first.token).await.unwrap();
    let third = place.redeem(&second.token).await.unwrap();
    let fourth = place.redeem(&third.token).await;
    assert!(matches!(fourth, Err(RefreshError::Expired)), "{fourth:?}");
}
