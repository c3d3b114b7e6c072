//! One-time tokens.

use std::{sync::Arc, time::Duration};

use purlin_auth::one_time::{
    IssuedOneTimeToken, OneTimeError, OneTimeTokens, Purpose, Redeemed, USER_BYTES_MAX,
};
use purlin_base::{Classified, ErrorClass, random::SeededRng};

use super::Place;

const RESET: Purpose = Purpose::RESET_PASSWORD;
const VERIFY: Purpose = Purpose::VERIFY_EMAIL;
const ADDRESS: &str = "ada@example.org";

impl Place {
    fn tokens(&self) -> OneTimeTokens {
        OneTimeTokens::new().clock(self.clock())
    }

    async fn issue(&self, purpose: Purpose, user: &str) -> IssuedOneTimeToken {
        let tokens = self.tokens();
        let issued = self
            .db
            .transaction(async |tx| tokens.issue(tx, purpose, user, ADDRESS).await);
        issued.await.unwrap()
    }

    async fn redeem(&self, purpose: Purpose, token: &str) -> Result<Redeemed, OneTimeError> {
        let tokens = self.tokens();
        self.db
            .transaction(async |tx| tokens.redeem(tx, purpose, token).await)
            .await
    }
}

#[track_caller]
fn refused(outcome: Result<Redeemed, OneTimeError>) {
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.class(), error.code()),
        (ErrorClass::Invalid, "ONE_TIME_INVALID")
    );
}

pub(super) async fn a_token_is_good_once_for_its_user(place: &Place) {
    let issued = place.issue(RESET, "ada").await;
    let redeemed = place.redeem(RESET, &issued.token).await.unwrap();
    assert_eq!((&*redeemed.user, &*redeemed.about), ("ada", ADDRESS));
    refused(place.redeem(RESET, &issued.token).await);
    // A new one after that is good.
    let again = place.issue(RESET, "ada").await;
    assert_ne!(again.token, issued.token);
    place.redeem(RESET, &again.token).await.unwrap();
}

pub(super) async fn a_token_of_one_purpose_is_none_of_another(place: &Place) {
    let (reset, verify) = (
        place.issue(RESET, "ada").await,
        place.issue(VERIFY, "ada").await,
    );
    refused(place.redeem(RESET, &verify.token).await);
    refused(place.redeem(VERIFY, &reset.token).await);
    // Showing it in the wrong place has not spent it.
    place.redeem(RESET, &reset.token).await.unwrap();
    place.redeem(VERIFY, &verify.token).await.unwrap();
}

pub(super) async fn a_token_expires_to_the_moment(place: &Place) {
    let micro = Duration::from_micros(1);
    for (purpose, ttl) in [
        (RESET, Duration::from_secs(600)),
        (VERIFY, Duration::from_secs(24 * 60 * 60)),
        (
            RESET.with_ttl(Duration::from_secs(5)),
            Duration::from_secs(5),
        ),
    ] {
        let (early, late) = (
            place.issue(purpose, "ada").await,
            place.issue(purpose, "bob").await,
        );
        place.clock.advance(ttl - micro);
        place.redeem(purpose, &early.token).await.unwrap();
        place.clock.advance(micro);
        refused(place.redeem(purpose, &late.token).await);
    }
}

pub(super) async fn a_new_token_puts_the_old_one_out(place: &Place) {
    let old = place.issue(RESET, "ada").await;
    let others = [
        place.issue(VERIFY, "ada").await,
        place.issue(RESET, "bob").await,
    ];
    let new = place.issue(RESET, "ada").await;
    refused(place.redeem(RESET, &old.token).await);
    place.redeem(RESET, &new.token).await.unwrap();
    place.redeem(VERIFY, &others[0].token).await.unwrap();
    place.redeem(RESET, &others[1].token).await.unwrap();
    for _ in 0..20 {
        place.issue(RESET, "ada").await;
    }
    let rows = place.count("select count(*) from auth_one_time where user_id = 'ada'");
    assert_eq!(
        rows.await,
        2,
        "one for each purpose, however many are asked for"
    );
}

pub(super) async fn of_many_who_show_a_token_at_once_one_is_let_in(place: &Place) {
    let issued = place.issue(RESET, "ada").await;
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (db, tokens, token) = (place.db.clone(), place.tokens(), issued.token.clone());
        tasks.push(purlin_runtime::spawn(async move {
            db.transaction(async |tx| tokens.redeem(tx, RESET, &token).await)
                .await
        }));
    }
    let mut let_in = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => let_in += 1,
            other => refused(other),
        }
    }
    assert_eq!(let_in, 1);
}

pub(super) async fn what_is_rolled_back_has_spent_nothing(place: &Place) {
    let (tokens, issued) = (place.tokens(), place.issue(RESET, "ada").await);
    let broken_off: Result<(), OneTimeError> = place
        .db
        .transaction(async |tx| {
            tokens.redeem(tx, RESET, &issued.token).await?;
            Err(OneTimeError::Bounds)
        })
        .await;
    assert!(broken_off.is_err());
    place.redeem(RESET, &issued.token).await.unwrap();
}

pub(super) async fn what_is_no_token_is_refused(place: &Place) {
    let issued = place.issue(RESET, "ada").await;
    let long = "a".repeat(1 << 20);
    let shouted = issued.token.to_ascii_uppercase();
    let padded = format!("{}=", issued.token);
    for text in [
        "",
        "a",
        "' or 1 = 1 --",
        &long,
        &shouted,
        &padded,
        &issued.token[1..],
    ] {
        if text != issued.token {
            refused(place.redeem(RESET, text).await);
        }
    }
    // 43 bytes, but not of characters that a token has.
    refused(place.redeem(RESET, &"\0".repeat(43)).await);
    place.redeem(RESET, &issued.token).await.unwrap();
}

pub(super) async fn a_token_is_readable_nowhere(place: &Place) {
    let issued = place.issue(RESET, "ada").await;
    assert_eq!(issued.token.len(), 43);
    let select = "select token_hash from auth_one_time";
    let (hash,) = place
        .db
        .read()
        .query(select)
        .fetch_one::<(Vec<u8>,)>()
        .await
        .unwrap();
    assert_eq!(hash.len(), 32);
    let kept = String::from_utf8_lossy(&hash);
    assert!(!kept.contains(&issued.token[..8]));
    assert!(!format!("{issued:?}").contains(&issued.token));
}

pub(super) async fn all_tokens_of_a_user_can_be_put_out(place: &Place) {
    let mine = [
        place.issue(RESET, "ada").await,
        place.issue(VERIFY, "ada").await,
    ];
    let bobs = place.issue(RESET, "bob").await;
    let tokens = place.tokens();
    let voided = place
        .db
        .transaction(async |tx| tokens.void(tx, "ada").await);
    assert_eq!(voided.await.unwrap(), 2);
    refused(place.redeem(RESET, &mine[0].token).await);
    refused(place.redeem(VERIFY, &mine[1].token).await);
    place.redeem(RESET, &bobs.token).await.unwrap();
}

pub(super) async fn expired_tokens_are_swept_and_no_others(place: &Place) {
    place.issue(RESET, "ada").await;
    let live = place.issue(VERIFY, "ada").await;
    place.clock.advance(RESET.ttl());
    assert_eq!(place.tokens().sweep(&place.db).await.unwrap(), 1);
    assert_eq!(place.tokens().sweep(&place.db).await.unwrap(), 0);
    place.redeem(VERIFY, &live.token).await.unwrap();
}

pub(super) async fn a_user_out_of_bounds_is_refused(place: &Place) {
    let tokens = place.tokens().rng(Arc::new(SeededRng::new(1)));
    let (long_user, long_about) = ("u".repeat(USER_BYTES_MAX + 1), "a".repeat(321));
    for (user, about) in [("", ""), (&*long_user, ""), ("ada", &*long_about)] {
        let issued = place
            .db
            .transaction(async |tx| tokens.issue(tx, RESET, user, about).await);
        let error = issued.await.unwrap_err();
        assert_eq!(
            (error.class(), error.code()),
            (ErrorClass::Internal, "ONE_TIME_BOUNDS")
        );
    }
    assert_eq!(place.count("select count(*) from auth_one_time").await, 0);
}
