//! JWT and refresh tokens.

use super::{run, said};

#[test]
fn tokens_are_checked_as_their_key_says_and_a_copied_refresh_token_ends_the_sign_in() {
    let printed = run("tokens");
    assert_eq!(said(&printed, "a token: "), "speaks for ada");
    for (label, code) in [
        ("alg none: ", "TOKEN_"),
        ("another header: ", "TOKEN_"),
        ("after 16 minutes: ", "TOKEN_EXPIRED"),
        ("a copy of the first refresh token: ", "REFRESH_INVALID"),
        ("and the latest, whoever holds it: ", "REFRESH_INVALID"),
        ("and its access token: ", "STANDING_REVOKED"),
    ] {
        let answer = said(&printed, label);
        assert!(
            answer.starts_with(&format!("refused, {code}")),
            "{label}{answer}"
        );
    }
    assert_eq!(
        said(&printed, "two tabs refresh at once, both get one token: "),
        "true"
    );
    assert_eq!(said(&printed, "another key signs: "), "true");
    assert_eq!(
        said(&printed, "a token of the key before: "),
        "speaks for ada"
    );
}
