//! Passwords.

use super::{run, said};

#[test]
fn weak_words_are_refused_old_hashes_replaced_and_a_storm_is_turned_away() {
    let printed = run("passwords");
    for (wanted, word) in [
        ("too short", "password_too_short"),
        ("qwerty123456", "password_common"),
        ("Bookshop Bookshop", "password_common"),
        ("a quiet harbour at dusk", "taken"),
    ] {
        let label = format!("{wanted:?} as a new password: ");
        assert_eq!(said(&printed, &label), word);
    }
    assert_eq!(
        said(&printed, "kept as "),
        "$argon2id$v=19$m=19456,t=2,p=1$…"
    );
    for (label, verdict) in [
        ("right: ", "Right"),
        ("wrong: ", "Wrong"),
        ("nobody: ", "Wrong"),
    ] {
        assert_eq!(said(&printed, label), verdict);
    }
    let replaced = said(&printed, "from Node, and replaced by ");
    assert!(replaced.starts_with("$argon2id$v=19$m=19456"), "{replaced}");

    // How many get through depends on how busy the machine is; that five may, and that the rest is
    // told to come back, does not.
    let storm = said(&printed, "20 guesses at once: ");
    let (answered, rest) = storm.split_once(" answered, ").expect("how many");
    assert!(answered.parse::<u32>().expect("a number") >= 5, "{storm}");
    assert!(rest.ends_with("Some((503, \"PASSWORD_BUSY\"))"), "{storm}");
    assert_eq!(said(&printed, "all of it in "), "19456 KiB");
}
