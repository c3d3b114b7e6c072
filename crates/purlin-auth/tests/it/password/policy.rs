//! Which new passwords are taken.

use purlin_auth::password::{PasswordPolicy, PolicyViolation};
use purlin_base::Classified;

use super::support::passwords;

fn word(password: &str) -> &'static str {
    match passwords().check_policy(password) {
        Ok(()) => "taken",
        Err(violation) => violation.word(),
    }
}

#[tokio::test]
async fn twelve_to_128_code_points_are_taken() {
    assert_eq!(word(&"é".repeat(11)), "password_too_short");
    assert_eq!(word("éàüöß ŷẑčñ 1"), "taken");
    assert_eq!(word(&"né".repeat(64)), "taken");
    assert_eq!(word(&"né".repeat(65)), "password_too_long");
}

#[tokio::test]
async fn code_points_are_counted_in_nfc() {
    let eleven = "e\u{301}".repeat(11);
    assert_eq!(eleven.chars().count(), 22);
    assert_eq!(word(&eleven), "password_too_short");
}

#[tokio::test]
async fn common_passwords_are_refused_in_any_case() {
    for password in [
        "qwerty123456",
        "QWERTY123456",
        "1qaz2wsx3edc4rfv",
        "JustinBieber",
    ] {
        assert_eq!(word(password), "password_common", "{password}");
    }
    assert_eq!(word("a quiet harbour at dusk"), "taken");
}

#[tokio::test]
async fn shorter_common_passwords_are_refused_where_the_policy_takes_eight_characters() {
    let policy = PasswordPolicy::new(8, 64).unwrap();
    for password in ["password", "Passw0rd", "12345678", "iloveyou1"] {
        assert_eq!(
            policy.check(password),
            Err(PolicyViolation::Common),
            "{password}"
        );
    }
    assert_eq!(policy.check("hv7 qq4 x"), Ok(()));
}

#[tokio::test]
async fn words_of_the_application_can_be_refused() {
    let policy = PasswordPolicy::default().refuse(["Bookshop Ltd."]).unwrap();
    assert_eq!(policy.check("BOOKSHOP LTD."), Err(PolicyViolation::Common));
    assert_eq!(policy.check("bookshop ltd. 1"), Ok(()));
}

#[tokio::test]
async fn a_nul_is_refused() {
    assert_eq!(word("a quiet harbour\0 at dusk"), "password_nul");
}

#[tokio::test]
async fn a_megabyte_is_refused_before_it_is_looked_at() {
    assert_eq!(word(&"e\u{301}".repeat(400_000)), "password_too_long");
    assert_eq!(word(&"\0".repeat(1_000_000)), "password_too_long");
}

#[tokio::test]
async fn a_violation_is_a_field_error_with_a_stable_word() {
    let violation = passwords().check_policy("short").unwrap_err();
    assert_eq!(violation.class().status(), 422);
    assert_eq!(violation.code(), "PASSWORD_TOO_SHORT");
    let field = violation.at("#/password");
    assert_eq!(field.code, "password_too_short");
    assert!(
        !field.message.contains("short"),
        "the password is not said again"
    );
}

#[tokio::test]
async fn a_policy_out_of_its_bounds_is_not_made() {
    for (min, max) in [(7, 64), (65, 128), (12, 63), (12, 1_025)] {
        assert!(PasswordPolicy::new(min, max).is_err(), "{min} to {max}");
    }
    let words = (0..1_001).map(|number| number.to_string());
    assert!(PasswordPolicy::default().refuse(words).is_err());
}
