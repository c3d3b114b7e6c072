//! Tokens that are good once.

use std::time::Duration;

use purlin_auth::one_time::{OneTimeError, OneTimeToken, OneTimeTokens, Purpose, Redeemed};
use purlin_base::{Classified, ErrorClass, time::ManualClock};
use purlin_sql::{Db, SqlError, Tx};
use tokio::task::JoinSet;

use super::clock;
use crate::engines::on_every_engine;

const RESET: Purpose = Purpose::RESET_PASSWORD;
const VERIFY: Purpose = Purpose::VERIFY_EMAIL;
const MINUTE: Duration = Duration::from_secs(60);

fn tokens(clock: &ManualClock) -> OneTimeTokens {
    OneTimeTokens::new().clock(clock.clone())
}

async fn issue(tokens: &OneTimeTokens, db: &Db, purpose: &Purpose, user: &str) -> OneTimeToken {
    try_issue(tokens, db, purpose, user).await.unwrap()
}

async fn try_issue(
    tokens: &OneTimeTokens,
    db: &Db,
    purpose: &Purpose,
    user: &str,
) -> Result<OneTimeToken, OneTimeError> {
    let work = async |tx: &mut Tx| tokens.issue(tx, purpose, user, "ann@books.test").await;
    db.transaction(work).await
}

async fn redeem(
    tokens: &OneTimeTokens,
    db: &Db,
    purpose: &Purpose,
    shown: &str,
) -> Result<Redeemed, OneTimeError> {
    let work = async |tx: &mut Tx| tokens.redeem(tx, purpose, shown).await;
    db.transaction(work).await
}

#[track_caller]
fn is_invalid<T: std::fmt::Debug>(outcome: Result<T, OneTimeError>) {
    assert!(matches!(outcome, Err(OneTimeError::Invalid)), "{outcome:?}");
}

async fn a_token_says_whose_it_is_and_is_good_once(db: Db) {
    let tokens = tokens(&clock());
    let token = issue(&tokens, &db, &VERIFY, "u1").await.reveal();
    let redeemed = redeem(&tokens, &db, &VERIFY, &token).await.unwrap();
    assert_eq!(redeemed.user, "u1");
    assert_eq!(redeemed.about, "ann@books.test");
    is_invalid(redeem(&tokens, &db, &VERIFY, &token).await);
}

async fn a_look_at_a_token_does_not_use_it(db: Db) {
    let clock = clock();
    let tokens = tokens(&clock);
    let token = issue(&tokens, &db, &RESET, "u1").await.reveal();
    for _ in 0..2 {
        let seen = tokens.peek(&db, &RESET, &token).await.unwrap();
        assert_eq!((&*seen.user, &*seen.about), ("u1", "ann@books.test"));
    }
    is_invalid(tokens.peek(&db, &VERIFY, &token).await);
    is_invalid(tokens.peek(&db, &RESET, "no token").await);
    redeem(&tokens, &db, &RESET, &token).await.unwrap();
    is_invalid(tokens.peek(&db, &RESET, &token).await);
    let late = issue(&tokens, &db, &RESET, "u1").await.reveal();
    clock.advance(10 * MINUTE);
    is_invalid(tokens.peek(&db, &RESET, &late).await);
}

async fn a_token_of_one_purpose_is_nothing_for_another(db: Db) {
    let tokens = tokens(&clock());
    let verify = issue(&tokens, &db, &VERIFY, "u1").await.reveal();
    let reset = issue(&tokens, &db, &RESET, "u1").await.reveal();
    is_invalid(redeem(&tokens, &db, &RESET, &verify).await);
    is_invalid(redeem(&tokens, &db, &VERIFY, &reset).await);
    redeem(&tokens, &db, &RESET, &reset).await.unwrap();
    redeem(&tokens, &db, &VERIFY, &verify).await.unwrap();
}

async fn a_token_to_reset_a_password_is_good_for_ten_minutes(db: Db) {
    let clock = clock();
    let tokens = tokens(&clock);
    let early = issue(&tokens, &db, &RESET, "u1").await.reveal();
    let late = issue(&tokens, &db, &RESET, "u2").await.reveal();
    clock.advance(10 * MINUTE - Duration::from_micros(1));
    redeem(&tokens, &db, &RESET, &early).await.unwrap();
    clock.advance(Duration::from_micros(1));
    is_invalid(redeem(&tokens, &db, &RESET, &late).await);
}

async fn a_new_token_voids_the_old_of_its_purpose_and_user_only(db: Db) {
    let tokens = tokens(&clock());
    let old = issue(&tokens, &db, &RESET, "u1").await.reveal();
    let other_purpose = issue(&tokens, &db, &VERIFY, "u1").await.reveal();
    let other_user = issue(&tokens, &db, &RESET, "u2").await.reveal();
    let new = issue(&tokens, &db, &RESET, "u1").await.reveal();
    is_invalid(redeem(&tokens, &db, &RESET, &old).await);
    redeem(&tokens, &db, &RESET, &new).await.unwrap();
    redeem(&tokens, &db, &VERIFY, &other_purpose).await.unwrap();
    redeem(&tokens, &db, &RESET, &other_user).await.unwrap();
}

async fn a_use_that_is_rolled_back_has_not_happened(db: Db) {
    let tokens = tokens(&clock());
    let token = issue(&tokens, &db, &RESET, "u1").await.reveal();
    let failing = async |tx: &mut Tx| {
        tokens.redeem(tx, &RESET, &token).await.unwrap();
        Err::<(), _>(SqlError::NoRow)
    };
    assert!(db.transaction(failing).await.is_err());
    redeem(&tokens, &db, &RESET, &token).await.unwrap();
}

async fn of_many_uses_at_once_one_wins(db: Db) {
    let tokens = tokens(&clock());
    let token = issue(&tokens, &db, &RESET, "u1").await.reveal();
    let mut uses = JoinSet::new();
    for _ in 0..20 {
        let (tokens, db, token) = (tokens.clone(), db.clone(), token.clone());
        uses.spawn(async move { redeem(&tokens, &db, &RESET, &token).await.is_ok() });
    }
    let won = uses.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}

async fn after_the_most_tokens_of_an_hour_none_is_issued_and_the_last_stays_good(db: Db) {
    let clock = clock();
    let tokens = tokens(&clock).issued_max(3).unwrap();
    issue(&tokens, &db, &VERIFY, "u1").await;
    clock.advance(30 * MINUTE);
    issue(&tokens, &db, &VERIFY, "u1").await;
    let last = issue(&tokens, &db, &VERIFY, "u1").await.reveal();
    let one_more = try_issue(&tokens, &db, &VERIFY, "u1").await;
    let refused = one_more.unwrap_err();
    assert!(matches!(refused, OneTimeError::TooMany));
    assert_eq!(refused.class(), ErrorClass::RateLimited);
    // Others are not held up by it, and neither is another purpose.
    issue(&tokens, &db, &VERIFY, "u2").await;
    issue(&tokens, &db, &RESET, "u1").await;
    redeem(&tokens, &db, &VERIFY, &last).await.unwrap();
    // Using one does not make room for another.
    assert!(try_issue(&tokens, &db, &VERIFY, "u1").await.is_err());
    clock.advance(30 * MINUTE);
    for _ in 0..3 {
        issue(&tokens, &db, &VERIFY, "u1").await;
    }
    assert!(try_issue(&tokens, &db, &VERIFY, "u1").await.is_err());
}

async fn many_who_ask_at_once_get_no_more_than_the_most(db: Db) {
    let tokens = tokens(&clock()).issued_max(3).unwrap();
    let mut asks = JoinSet::new();
    for _ in 0..12 {
        let (tokens, db) = (tokens.clone(), db.clone());
        asks.spawn(async move { try_issue(&tokens, &db, &RESET, "u1").await.ok() });
    }
    let issued: Vec<_> = asks.join_all().await.into_iter().flatten().collect();
    assert_eq!(issued.len(), 3);
    let mut good = 0;
    for token in issued {
        let used = redeem(&tokens, &db, &RESET, &token.reveal()).await;
        good += u32::from(used.is_ok());
    }
    assert_eq!(good, 1, "the last one voided the others");
}

async fn tokens_that_are_voided_are_good_no_more(db: Db) {
    let tokens = tokens(&clock());
    let mine = issue(&tokens, &db, &RESET, "u1").await.reveal();
    issue(&tokens, &db, &VERIFY, "u1").await;
    let other = issue(&tokens, &db, &RESET, "u2").await.reveal();
    let void = async |tx: &mut Tx| tokens.void_all(tx, "u1").await;
    assert_eq!(db.transaction(void).await.unwrap(), 2);
    assert_eq!(db.transaction(void).await.unwrap(), 0);
    is_invalid(redeem(&tokens, &db, &RESET, &mine).await);
    redeem(&tokens, &db, &RESET, &other).await.unwrap();
}

async fn what_is_no_token_is_invalid(db: Db) {
    let tokens = tokens(&clock());
    let token = issue(&tokens, &db, &RESET, "u1").await.reveal();
    assert_eq!(token.len(), 43);
    let mut last = token.clone();
    let end = last.pop().unwrap();
    // The last character holds 4 bits of the token: its other spellings are refused.
    last.push(char::from(u8::try_from(end).unwrap() + 1));
    let guesses = [
        String::new(),
        "A".repeat(43),
        format!("{token}="),
        format!("{token} "),
        token[..42].to_owned(),
        last,
        "\0".repeat(43),
        "é".repeat(21) + "x",
        "A".repeat(1 << 20),
        "' or 1=1 --".to_owned(),
    ];
    for guess in &guesses {
        is_invalid(redeem(&tokens, &db, &RESET, guess).await);
    }
    redeem(&tokens, &db, &RESET, &token).await.unwrap();
}

async fn the_database_and_messages_do_not_hold_the_token(db: Db) {
    let tokens = tokens(&clock());
    let token = issue(&tokens, &db, &RESET, "u1").await;
    assert_eq!(format!("{token:?}"), "OneTimeToken(hidden)");
    let find = db.read().query("select key from auth_one_time_tokens");
    let (key,) = find.fetch_one::<(Vec<u8>,)>().await.unwrap();
    let shown = token.reveal();
    assert_ne!(key, shown.as_bytes());
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let kept = URL_SAFE_NO_PAD.encode(&key);
    // What the database holds is not taken in place of the token.
    is_invalid(redeem(&tokens, &db, &RESET, &kept).await);
    let refused = redeem(&tokens, &db, &RESET, &kept).await.unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains(&kept));
}

async fn users_and_words_out_of_bounds_are_refused(db: Db) {
    let tokens = tokens(&clock());
    for user in ["", "a\0b", "a\nb", &"u".repeat(257)] {
        let refused = try_issue(&tokens, &db, &RESET, user).await.unwrap_err();
        assert!(matches!(refused, OneTimeError::Owner), "{user:?}");
    }
    let long = "a".repeat(321);
    let work = async |tx: &mut Tx| tokens.issue(tx, &RESET, "u1", &long).await;
    assert!(db.transaction(work).await.is_err());
    issue(&tokens, &db, &RESET, &"u".repeat(256)).await;
}

async fn a_sweep_takes_what_is_over_and_leaves_the_rest(db: Db) {
    let clock = clock();
    let tokens = tokens(&clock);
    issue(&tokens, &db, &RESET, "u1").await;
    issue(&tokens, &db, &RESET, "u2").await;
    let live = issue(&tokens, &db, &VERIFY, "u1").await.reveal();
    // Over, and counted still: to forget it would let others be asked for.
    clock.advance(11 * MINUTE);
    assert_eq!(tokens.sweep(&db).await.unwrap(), 0);
    clock.advance(50 * MINUTE);
    assert_eq!(tokens.sweep(&db).await.unwrap(), 2);
    redeem(&tokens, &db, &VERIFY, &live).await.unwrap();
}

on_every_engine! {
    a_token_says_whose_it_is_and_is_good_once,
    a_look_at_a_token_does_not_use_it,
    a_token_of_one_purpose_is_nothing_for_another,
    a_token_to_reset_a_password_is_good_for_ten_minutes,
    a_new_token_voids_the_old_of_its_purpose_and_user_only,
    a_use_that_is_rolled_back_has_not_happened,
    of_many_uses_at_once_one_wins,
    after_the_most_tokens_of_an_hour_none_is_issued_and_the_last_stays_good,
    many_who_ask_at_once_get_no_more_than_the_most,
    tokens_that_are_voided_are_good_no_more,
    what_is_no_token_is_invalid,
    the_database_and_messages_do_not_hold_the_token,
    users_and_words_out_of_bounds_are_refused,
    a_sweep_takes_what_is_over_and_leaves_the_rest,
}

#[test]
fn options_out_of_bounds_are_refused_with_what_is_allowed() {
    for tokens in [0, 101] {
        let refused = OneTimeTokens::new().issued_max(tokens).unwrap_err();
        assert!(refused.to_string().contains("1 to 100"), "{refused}");
    }
    for seconds in [59, 30 * 24 * 60 * 60 + 1] {
        let lifetime = Duration::from_secs(seconds);
        let refused = Purpose::new("invite").lifetime_of(lifetime).unwrap_err();
        assert!(refused.to_string().contains("30 days"), "{refused}");
    }
}
