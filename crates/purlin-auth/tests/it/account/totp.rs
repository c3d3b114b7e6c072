//! Second factors. What an app does is written here a second time, by RFC 4226 on another library.

use std::time::Duration;

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use purlin_auth::totp::{
    ENROLMENT_WAITS, Enrolment, RECOVERY_CODES, RecoveryCodes, Totp, TotpError, sweep,
};
use purlin_base::time::{Clock, ManualClock};
use purlin_sql::{Db, SqlError, Tx};
use tokio::task::JoinSet;

use super::clock;
use crate::engines::{on_every_engine, sqlite};

const SECRET: &[u8] = b"a secret of at least 32 bytes, to test with";
const STEP: Duration = Duration::from_secs(30);

fn totp(clock: &ManualClock) -> Totp {
    Totp::new("Book shop", SECRET).unwrap().clock(clock.clone())
}

/// The code that an app shows at the time of `clock`.
fn shown(enrolment: &Enrolment, clock: &ManualClock) -> String {
    shown_at(enrolment, clock.now().unix_seconds() / 30)
}

fn shown_at(enrolment: &Enrolment, step: i64) -> String {
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes(enrolment.secret()));
    let hash = sign(&key, &step.to_be_bytes());
    let hash = hash.as_ref();
    let at = usize::from(hash[19] & 15);
    let four: [u8; 4] = hash[at..at + 4].try_into().unwrap();
    format!(
        "{:06}",
        (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
    )
}

/// Base32, read.
fn bytes(text: &str) -> Vec<u8> {
    let value = |c: char| u64::from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap() as u8);
    let letters: Vec<char> = text.chars().collect();
    let groups = letters.chunks(8).flat_map(|eight| {
        let number = eight.iter().fold(0, |sum, c| sum << 5 | value(*c));
        number.to_be_bytes()[3..].to_vec()
    });
    groups.collect()
}

async fn enrol(totp: &Totp, db: &Db, user: &str) -> Result<Enrolment, TotpError> {
    let work = async |tx: &mut Tx| totp.enrol(tx, user, "ann@books.test").await;
    db.transaction(work).await
}

async fn confirm(totp: &Totp, db: &Db, user: &str, code: &str) -> Result<RecoveryCodes, TotpError> {
    let work = async |tx: &mut Tx| totp.confirm(tx, user, code).await;
    db.transaction(work).await
}

async fn verify(totp: &Totp, db: &Db, user: &str, code: &str) -> Result<(), TotpError> {
    let work = async |tx: &mut Tx| totp.verify(tx, user, code).await;
    db.transaction(work).await
}

async fn recover(totp: &Totp, db: &Db, user: &str, code: &str) -> Result<u64, TotpError> {
    let work = async |tx: &mut Tx| totp.recover(tx, user, code).await;
    db.transaction(work).await
}

/// A user with a second factor; the clock then stands in the step after that of the first code.
async fn enrolled(
    totp: &Totp,
    db: &Db,
    clock: &ManualClock,
    user: &str,
) -> (Enrolment, RecoveryCodes) {
    let enrolment = enrol(totp, db, user).await.unwrap();
    let code = shown(&enrolment, clock);
    let codes = confirm(totp, db, user, &code).await.unwrap();
    clock.advance(STEP);
    (enrolment, codes)
}

#[track_caller]
fn is_wrong<T: std::fmt::Debug>(outcome: Result<T, TotpError>) {
    assert!(matches!(outcome, Err(TotpError::Wrong)), "{outcome:?}");
}

async fn a_first_code_ends_the_enrolment_and_gives_ten_recovery_codes(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let enrolment = enrol(&totp, &db, "u1").await.unwrap();
    let code = shown(&enrolment, &clock);
    assert!(!totp.is_enrolled(&db, "u1").await.unwrap());
    is_wrong(verify(&totp, &db, "u1", &code).await);
    let codes = confirm(&totp, &db, "u1", &code).await.unwrap();
    assert!(totp.is_enrolled(&db, "u1").await.unwrap());
    let mut codes = codes.reveal().to_vec();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), RECOVERY_CODES);
    assert!(codes.iter().all(|code| code.len() == 29), "{codes:?}");
    // The first code was used by it.
    is_wrong(verify(&totp, &db, "u1", &code).await);
    clock.advance(STEP);
    let next = shown(&enrolment, &clock);
    verify(&totp, &db, "u1", &next).await.unwrap();
}

async fn a_code_is_taken_once(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let (enrolment, _) = enrolled(&totp, &db, &clock, "u1").await;
    let code = shown(&enrolment, &clock);
    let mut uses = JoinSet::new();
    for _ in 0..10 {
        let (totp, db, code) = (totp.clone(), db.clone(), code.clone());
        uses.spawn(async move { verify(&totp, &db, "u1", &code).await.is_ok() });
    }
    let taken = uses.join_all().await.into_iter().filter(|took| *took);
    assert_eq!(taken.count(), 1);
    clock.advance(STEP);
    is_wrong(verify(&totp, &db, "u1", &code).await);
}

async fn a_code_is_good_one_step_early_and_one_step_late(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let (enrolment, _) = enrolled(&totp, &db, &clock, "u1").await;
    clock.advance(4 * STEP);
    let step = clock.now().unix_seconds() / 30;
    for (offset, is_good) in [(-2, false), (2, false), (-1, true), (1, true)] {
        let code = shown_at(&enrolment, step + offset);
        let outcome = verify(&totp, &db, "u1", &code).await;
        assert_eq!(outcome.is_ok(), is_good, "{offset}");
    }
    // Older than the last that was taken.
    let present = shown_at(&enrolment, step);
    is_wrong(verify(&totp, &db, "u1", &present).await);
}

async fn a_code_of_a_transaction_that_is_rolled_back_was_not_taken(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let (enrolment, _) = enrolled(&totp, &db, &clock, "u1").await;
    let code = shown(&enrolment, &clock);
    let failing = async |tx: &mut Tx| {
        totp.verify(tx, "u1", &code).await.unwrap();
        Err::<(), _>(SqlError::NoRow)
    };
    assert!(db.transaction(failing).await.is_err());
    verify(&totp, &db, "u1", &code).await.unwrap();
}

async fn a_recovery_code_is_taken_once_however_it_is_typed(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let (_, codes) = enrolled(&totp, &db, &clock, "u1").await;
    let (_, of_another) = enrolled(&totp, &db, &clock, "u2").await;
    let codes = codes.reveal();
    let typed = codes[0].to_ascii_uppercase().replace('-', " ");
    assert_eq!(recover(&totp, &db, "u1", &typed).await.unwrap(), 9);
    is_wrong(recover(&totp, &db, "u1", &codes[0]).await);
    is_wrong(recover(&totp, &db, "u1", &of_another.reveal()[0]).await);
    let mut uses = JoinSet::new();
    for _ in 0..10 {
        let (totp, db, code) = (totp.clone(), db.clone(), codes[1].clone());
        uses.spawn(async move { recover(&totp, &db, "u1", &code).await.is_ok() });
    }
    let taken = uses.join_all().await.into_iter().filter(|took| *took);
    assert_eq!(taken.count(), 1);
    assert_eq!(recover(&totp, &db, "u1", &codes[2]).await.unwrap(), 7);
}

async fn a_recovery_code_has_more_than_112_bits(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let (_, codes) = enrolled(&totp, &db, &clock, "u1").await;
    for code in codes.reveal() {
        // Each letter is one of 32, and all of them come from chance.
        let letters = code.bytes().filter(|byte| *byte != b'-');
        let letters: Vec<u8> = letters.collect();
        assert!(
            letters
                .iter()
                .all(|c| matches!(c, b'a'..=b'z' | b'2'..=b'7')),
            "{code}"
        );
        assert!(letters.len() * 5 >= 112, "{code}");
    }
    // What was enough before is no code now, though it be the beginning of one.
    let short = &codes.reveal()[0][..19];
    is_wrong(recover(&totp, &db, "u1", short).await);
}

async fn new_recovery_codes_void_the_old(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let (_, old) = enrolled(&totp, &db, &clock, "u1").await;
    let renew = async |tx: &mut Tx| totp.new_recovery_codes(tx, "u1").await;
    let new = db.transaction(renew).await.unwrap();
    is_wrong(recover(&totp, &db, "u1", &old.reveal()[0]).await);
    assert_eq!(
        recover(&totp, &db, "u1", &new.reveal()[0]).await.unwrap(),
        9
    );
    let of_nobody = async |tx: &mut Tx| totp.new_recovery_codes(tx, "u2").await;
    is_wrong(db.transaction(of_nobody).await);
}

async fn an_enrolment_that_is_begun_again_has_another_secret(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let first = enrol(&totp, &db, "u1").await.unwrap();
    let second = enrol(&totp, &db, "u1").await.unwrap();
    assert_ne!(first.secret(), second.secret());
    let old_code = shown(&first, &clock);
    is_wrong(confirm(&totp, &db, "u1", &old_code).await);
    let code = shown(&second, &clock);
    confirm(&totp, &db, "u1", &code).await.unwrap();
}

async fn a_second_factor_is_not_replaced_before_it_is_removed(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let (enrolment, codes) = enrolled(&totp, &db, &clock, "u1").await;
    let again = enrol(&totp, &db, "u1").await;
    assert!(matches!(again, Err(TotpError::Enrolled)), "{again:?}");
    let code = shown(&enrolment, &clock);
    let again = confirm(&totp, &db, "u1", &code).await;
    assert!(matches!(again, Err(TotpError::Enrolled)), "{again:?}");
    let remove = async |tx: &mut Tx| totp.remove(tx, "u1").await;
    assert!(db.transaction(remove).await.unwrap());
    assert!(!db.transaction(remove).await.unwrap());
    is_wrong(verify(&totp, &db, "u1", &code).await);
    is_wrong(recover(&totp, &db, "u1", &codes.reveal()[0]).await);
    enrol(&totp, &db, "u1").await.unwrap();
}

async fn a_user_without_a_second_factor_has_no_good_code(db: Db) {
    let totp = totp(&clock());
    is_wrong(verify(&totp, &db, "u1", "000000").await);
    is_wrong(confirm(&totp, &db, "u1", "000000").await);
    is_wrong(recover(&totp, &db, "u1", "aaaa-aaaa-aaaa-aaaa").await);
    let long = "a".repeat(1 << 20);
    is_wrong(verify(&totp, &db, "u1", &long).await);
    is_wrong(recover(&totp, &db, "u1", &long).await);
    for user in ["", "a\0b", &"u".repeat(257)] {
        let refused = enrol(&totp, &db, user).await;
        assert!(matches!(refused, Err(TotpError::Owner)), "{user:?}");
    }
}

async fn a_secret_cannot_be_read_moved_or_opened_with_another_key(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let (enrolment, _) = enrolled(&totp, &db, &clock, "u1").await;
    enrolled(&totp, &db, &clock, "u2").await;
    let sealed = "select sealed from auth_totp where user_id = 'u1'";
    let (sealed,) = db
        .read()
        .query(sealed)
        .fetch_one::<(Vec<u8>,)>()
        .await
        .unwrap();
    let secret = bytes(enrolment.secret());
    assert!(!sealed.windows(20).any(|part| part == secret));
    let code = shown(&enrolment, &clock);
    // With another key of the application.
    let other = Totp::new("Book shop", &[7; 32]).unwrap();
    let other = other.clock(clock.clone());
    let unopened = verify(&other, &db, "u1", &code).await;
    assert!(matches!(unopened, Err(TotpError::Seal)), "{unopened:?}");
    // Who can write to the table puts a factor of their own in another's row.
    let moved = "update auth_totp set sealed = $1 where user_id = 'u2'";
    let moved = db.write(moved).bind(sealed).execute().await.unwrap();
    assert_eq!(moved, 1);
    let unopened = verify(&totp, &db, "u2", &code).await;
    assert!(matches!(unopened, Err(TotpError::Seal)), "{unopened:?}");
}

async fn recovery_codes_are_kept_under_a_key(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    let (_, codes) = enrolled(&totp, &db, &clock, "u1").await;
    let other = Totp::new("Book shop", &[7; 32]).unwrap();
    is_wrong(recover(&other, &db, "u1", &codes.reveal()[0]).await);
    recover(&totp, &db, "u1", &codes.reveal()[0]).await.unwrap();
}

async fn an_enrolment_that_nobody_confirms_is_swept_away_and_a_confirmed_one_stays(db: Db) {
    let clock = clock();
    let totp = totp(&clock);
    enrolled(&totp, &db, &clock, "u1").await;
    enrol(&totp, &db, "u2").await.unwrap();
    clock.advance(ENROLMENT_WAITS - STEP);
    let fresh = enrol(&totp, &db, "u3").await.unwrap();
    assert_eq!(sweep(&db, clock.now(), 10).await.unwrap(), 0);
    clock.advance(STEP);
    assert_eq!(sweep(&db, clock.now(), 10).await.unwrap(), 1);
    assert!(totp.is_enrolled(&db, "u1").await.unwrap());
    let code = shown(&fresh, &clock);
    confirm(&totp, &db, "u3", &code).await.unwrap();
}

on_every_engine! {
    an_enrolment_that_nobody_confirms_is_swept_away_and_a_confirmed_one_stays,
    a_first_code_ends_the_enrolment_and_gives_ten_recovery_codes,
    a_code_is_taken_once,
    a_code_is_good_one_step_early_and_one_step_late,
    a_code_of_a_transaction_that_is_rolled_back_was_not_taken,
    a_recovery_code_is_taken_once_however_it_is_typed,
    a_recovery_code_has_more_than_112_bits,
    new_recovery_codes_void_the_old,
    an_enrolment_that_is_begun_again_has_another_secret,
    a_second_factor_is_not_replaced_before_it_is_removed,
    a_user_without_a_second_factor_has_no_good_code,
    a_secret_cannot_be_read_moved_or_opened_with_another_key,
    recovery_codes_are_kept_under_a_key,
}

#[tokio::test]
async fn the_address_for_the_app_names_issuer_and_account_and_nothing_breaks_out_of_it() {
    let db = sqlite().await;
    let totp = totp(&clock());
    let account = "ann:x&secret=AAAA\n@books.test";
    let work = async |tx: &mut Tx| totp.enrol(tx, "u1", account).await;
    let enrolment = db.transaction(work).await.unwrap();
    let secret = enrolment.secret();
    assert_eq!(bytes(secret).len(), 20);
    assert_eq!(
        enrolment.uri(),
        format!(
            "otpauth://totp/Book%20shop:annx%26secret%3DAAAA%40books.test?secret={secret}\
             &issuer=Book%20shop&algorithm=SHA1&digits=6&period=30"
        )
    );
    for shown in [format!("{enrolment:?}"), format!("{totp:?}")] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn options_out_of_bounds_are_refused_with_what_is_allowed() {
    for issuer in ["", "a:b", "a\nb", &"i".repeat(65)] {
        let refused = Totp::new(issuer, SECRET).unwrap_err().to_string();
        assert!(refused.contains("issuer"), "{refused}");
    }
    let refused = Totp::new("Book shop", &[1; 31]).unwrap_err();
    assert!(refused.to_string().contains("at least 32 bytes"));
}
