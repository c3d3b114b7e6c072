//! Second factors.

use std::{collections::HashSet, time::Duration};

use purlin_auth::totp::{ENROLMENT_TTL, Factor, RECOVERY_CODES, RecoveryCodes, Totp, TotpError};
use purlin_base::{Classified, ErrorClass, time::Clock};
use totp_rs::{Builder, Secret};

use super::Place;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const STEP: Duration = Duration::from_secs(30);

/// The app on somebody's phone.
struct App(Vec<u8>);

impl App {
    /// Reads what was shown, as an app does.
    fn scan(secret: &str) -> Self {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
        for sign in secret.chars() {
            bits = bits << 5 | alphabet.find(sign).unwrap() as u32;
            held += 5;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held) as u8);
                bits &= (1 << held) - 1;
            }
        }
        Self(bytes)
    }

    fn code_at(&self, seconds: i64) -> String {
        let secret = Secret::new_stack(self.0.clone().try_into().unwrap());
        let totp = Builder::new().with_secret(secret).build().unwrap();
        totp.generate(seconds.unsigned_abs()).to_string()
    }

    fn code(&self, place: &Place) -> String {
        self.code_at(place.clock.now().unix_seconds())
    }
}

impl Place {
    fn totp(&self) -> Totp {
        Totp::new(SECRET, "Bookshop").unwrap().clock(self.clock())
    }

    async fn enrol(&self, user: &str) -> Result<App, TotpError> {
        let totp = self.totp();
        let enrolment = self
            .db
            .transaction(async |tx| totp.enrol(tx, user, "ada@example.org").await)
            .await?;
        assert!(!format!("{enrolment:?}").contains(enrolment.secret()));
        assert!(enrolment.uri().contains(enrolment.secret()));
        Ok(App::scan(enrolment.secret()))
    }

    async fn confirm(&self, user: &str, code: &str) -> Result<RecoveryCodes, TotpError> {
        let totp = self.totp();
        self.db
            .transaction(async |tx| totp.confirm(tx, user, code).await)
            .await
    }

    async fn verify(&self, user: &str, shown: &str) -> Result<Factor, TotpError> {
        let totp = self.totp();
        self.db
            .transaction(async |tx| totp.verify(tx, user, shown).await)
            .await
    }

    /// Somebody with a factor, whose next code is not used yet.
    async fn enrolled(&self, user: &str) -> (App, Vec<String>) {
        let app = self.enrol(user).await.unwrap();
        let codes = self.confirm(user, &app.code(self)).await.unwrap();
        self.clock.advance(STEP);
        (app, codes.reveal().to_vec())
    }

    /// How many of eight who show `shown` at once are let in; the others are told that it is wrong.
    async fn let_in_of_many(&self, user: &'static str, shown: &str) -> usize {
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (db, totp, shown) = (self.db.clone(), self.totp(), shown.to_owned());
            tasks.push(purlin_runtime::spawn(async move {
                db.transaction(async |tx| totp.verify(tx, user, &shown).await)
                    .await
            }));
        }
        let mut let_in = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => let_in += 1,
                Err(error) => assert_eq!(error.code(), "TOTP_WRONG"),
            }
        }
        let_in
    }
}

#[track_caller]
fn wrong(outcome: Result<Factor, TotpError>) {
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.class(), error.code()),
        (ErrorClass::Unauthenticated, "TOTP_WRONG")
    );
}

pub(super) async fn a_factor_counts_once_its_first_code_was_shown(place: &Place) {
    let app = place.enrol("ada").await.unwrap();
    let is_enrolled = async || place.totp().is_enrolled(&place.db, "ada").await.unwrap();
    assert!(!is_enrolled().await);
    let early = place.verify("ada", &app.code(place)).await;
    assert!(matches!(early, Err(TotpError::NotEnrolled)));
    let guess = place.confirm("ada", "000000").await;
    assert!(matches!(guess, Err(TotpError::Wrong)));
    let codes = place.confirm("ada", &app.code(place)).await.unwrap();
    assert!(is_enrolled().await);
    let different: HashSet<&String> = codes.reveal().iter().collect();
    assert_eq!(different.len(), RECOVERY_CODES);
    assert!(!format!("{codes:?}").contains(&codes.reveal()[0]));
}

pub(super) async fn a_code_is_good_once(place: &Place) {
    let (app, _) = place.enrolled("ada").await;
    let code = app.code(place);
    assert_eq!(place.verify("ada", &code).await.unwrap(), Factor::Code);
    wrong(place.verify("ada", &code).await);
    // Also a step later, when it would still be near enough, and none from before it is taken.
    place.clock.advance(STEP);
    wrong(place.verify("ada", &code).await);
    assert_eq!(
        place.verify("ada", &app.code(place)).await.unwrap(),
        Factor::Code
    );
}

pub(super) async fn a_code_that_confirmed_is_used_up(place: &Place) {
    let app = place.enrol("ada").await.unwrap();
    let code = app.code(place);
    place.confirm("ada", &code).await.unwrap();
    wrong(place.verify("ada", &code).await);
}

pub(super) async fn of_many_who_show_a_code_at_once_one_is_let_in(place: &Place) {
    let (app, _) = place.enrolled("ada").await;
    assert_eq!(place.let_in_of_many("ada", &app.code(place)).await, 1);
}

pub(super) async fn a_clock_may_be_off_by_one_step(place: &Place) {
    let (app, _) = place.enrolled("ada").await;
    place.clock.advance(10 * STEP);
    let now = place.clock.now().unix_seconds();
    wrong(place.verify("ada", &app.code_at(now - 60)).await);
    wrong(place.verify("ada", &app.code_at(now + 60)).await);
    place.verify("ada", &app.code_at(now - 30)).await.unwrap();
    place.verify("ada", &app.code_at(now + 30)).await.unwrap();
    // The one in between is older than the last that was used.
    wrong(place.verify("ada", &app.code_at(now)).await);
}

pub(super) async fn a_code_of_another_user_is_wrong(place: &Place) {
    let (_, ada_codes) = place.enrolled("ada").await;
    let (bob, bob_codes) = place.enrolled("bob").await;
    wrong(place.verify("ada", &bob.code(place)).await);
    wrong(place.verify("ada", &bob_codes[0]).await);
    wrong(place.verify("bob", &ada_codes[0]).await);
    let nobody = place.verify("carol", &bob.code(place)).await;
    assert!(matches!(nobody, Err(TotpError::NotEnrolled)));
}

pub(super) async fn an_enrolment_waits_for_fifteen_minutes_and_is_replaced_by_another(
    place: &Place,
) {
    let old = place.enrol("ada").await.unwrap();
    let app = place.enrol("ada").await.unwrap();
    let outdated = place.confirm("ada", &old.code(place)).await;
    assert!(matches!(outdated, Err(TotpError::Wrong)));
    place.clock.advance(ENROLMENT_TTL);
    let late = place.confirm("ada", &app.code(place)).await.unwrap_err();
    assert_eq!(
        (late.class(), late.code()),
        (ErrorClass::NotFound, "TOTP_NOT_ENROLLED")
    );
    let app = place.enrol("ada").await.unwrap();
    place.clock.advance(ENROLMENT_TTL - Duration::from_secs(1));
    place.confirm("ada", &app.code(place)).await.unwrap();
}

pub(super) async fn a_confirmed_factor_is_not_replaced(place: &Place) {
    let (app, _) = place.enrolled("ada").await;
    let again = place.enrol("ada").await.err().unwrap();
    assert_eq!(
        (again.class(), again.code()),
        (ErrorClass::Conflict, "TOTP_ENROLLED")
    );
    let confirmed = place.confirm("ada", &app.code(place)).await;
    assert!(matches!(confirmed, Err(TotpError::Enrolled)));
    place.verify("ada", &app.code(place)).await.unwrap();
}

pub(super) async fn each_of_ten_recovery_codes_is_good_once(place: &Place) {
    let (app, codes) = place.enrolled("ada").await;
    for (used, code) in codes.iter().enumerate() {
        let left = (RECOVERY_CODES - 1 - used) as u32;
        assert_eq!(
            place.verify("ada", code).await.unwrap(),
            Factor::Recovery { left }
        );
        wrong(place.verify("ada", code).await);
    }
    assert_eq!(
        place.verify("ada", &app.code(place)).await.unwrap(),
        Factor::Code
    );
}

pub(super) async fn a_recovery_code_is_read_however_it_is_typed(place: &Place) {
    let (_, codes) = place.enrolled("ada").await;
    for typed in [
        codes[0].to_ascii_uppercase(),
        codes[1].replace('-', ""),
        codes[2].replace('-', " "),
        format!(" {} ", codes[3]),
    ] {
        assert!(place.verify("ada", &typed).await.is_ok(), "{typed}");
    }
}

pub(super) async fn of_many_who_show_a_recovery_code_at_once_one_is_let_in(place: &Place) {
    let (_, codes) = place.enrolled("ada").await;
    assert_eq!(place.let_in_of_many("ada", &codes[0]).await, 1);
}

pub(super) async fn new_recovery_codes_put_the_old_ones_out(place: &Place) {
    let (_, old) = place.enrolled("ada").await;
    let totp = place.totp();
    let renew = place
        .db
        .transaction(async |tx| totp.renew_recovery(tx, "ada").await);
    let new = renew.await.unwrap();
    wrong(place.verify("ada", &old[0]).await);
    place.verify("ada", &new.reveal()[0]).await.unwrap();
    let nobody = place
        .db
        .transaction(async |tx| totp.renew_recovery(tx, "bob").await);
    assert!(matches!(nobody.await, Err(TotpError::NotEnrolled)));
}

pub(super) async fn a_factor_that_is_removed_is_gone_with_its_codes(place: &Place) {
    let (app, codes) = place.enrolled("ada").await;
    let totp = place.totp();
    let remove = async || {
        let remove = place
            .db
            .transaction(async |tx| totp.remove(tx, "ada").await);
        remove.await.unwrap()
    };
    assert!(remove().await);
    assert!(!remove().await);
    assert_eq!(
        place
            .count("select count(*) from auth_recovery_codes")
            .await,
        0
    );
    for shown in [&app.code(place), &codes[0]] {
        let error = place.verify("ada", shown).await;
        assert!(matches!(error, Err(TotpError::NotEnrolled)));
    }
}

pub(super) async fn what_is_rolled_back_leaves_the_code_good(place: &Place) {
    let (app, codes) = place.enrolled("ada").await;
    let totp = place.totp();
    let (code, recovery) = (app.code(place), &codes[0]);
    for shown in [&code, recovery] {
        let broken_off: Result<(), TotpError> = place
            .db
            .transaction(async |tx| {
                totp.verify(tx, "ada", shown).await?;
                Err(TotpError::Enrolled)
            })
            .await;
        assert!(matches!(broken_off, Err(TotpError::Enrolled)));
        place.verify("ada", shown).await.unwrap();
    }
}

pub(super) async fn nothing_of_a_factor_is_readable_in_the_database(place: &Place) {
    let (app, codes) = place.enrolled("ada").await;
    let select = "select sealed from auth_totp";
    let (sealed,) = place
        .db
        .read()
        .query(select)
        .fetch_one::<(Vec<u8>,)>()
        .await
        .unwrap();
    assert!(!sealed.windows(8).any(|window| window == &app.0[..8]));
    let select = "select code_hash from auth_recovery_codes";
    let hashes = place
        .db
        .read()
        .query(select)
        .fetch_all::<(Vec<u8>,)>()
        .await
        .unwrap();
    assert_eq!(hashes.len(), RECOVERY_CODES);
    use sha2::{Digest, Sha256};
    for code in codes {
        // A plain hash could be guessed backwards by whoever has the table.
        let plain = Sha256::digest(code.replace('-', "")).to_vec();
        assert!(!hashes.contains(&(plain,)));
    }
}

pub(super) async fn another_secret_opens_nothing(place: &Place) {
    let (app, codes) = place.enrolled("ada").await;
    let other = Totp::new(b"another secret of thirty-two byte", "Bookshop");
    let other = other.unwrap().clock(place.clock());
    let verify = async |shown: &str| {
        let verify = place
            .db
            .transaction(async |tx| other.verify(tx, "ada", shown).await);
        verify.await.unwrap_err().code()
    };
    assert_eq!(verify(&app.code(place)).await, "TOTP_SECRET");
    assert_eq!(verify(&codes[0]).await, "TOTP_WRONG");
}

pub(super) async fn a_row_of_another_user_opens_nothing(place: &Place) {
    let (_, _) = place.enrolled("ada").await;
    let (bob, _) = place.enrolled("bob").await;
    let steal = "update auth_totp set sealed = (select sealed from auth_totp where user_id = 'bob')
         where user_id = 'ada'";
    place.db.write(steal).execute().await.unwrap();
    let error = place.verify("ada", &bob.code(place)).await.unwrap_err();
    assert_eq!(error.code(), "TOTP_SECRET");
}

pub(super) async fn what_is_no_code_is_refused(place: &Place) {
    let (app, codes) = place.enrolled("ada").await;
    let code = app.code(place);
    let (long, cut) = ("1".repeat(1 << 20), &codes[0][1..]);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    for shown in [
        "",
        "+12345",
        "１２３４５６",
        "\0",
        &code[..5],
        &long,
        cut,
        &spaced,
    ] {
        wrong(place.verify("ada", shown).await);
    }
    place.verify("ada", &code).await.unwrap();
}

#[test]
fn options_out_of_bounds_are_refused() {
    let long = "i".repeat(65);
    for (secret, issuer, option) in [
        (&SECRET[..31], "Bookshop", "secret"),
        (SECRET, "", "issuer"),
        (SECRET, &*long, "issuer"),
        (SECRET, "Book:shop", "issuer"),
    ] {
        let error = Totp::new(secret, issuer).unwrap_err();
        assert!(error.to_string().contains(option), "{error}");
    }
}
