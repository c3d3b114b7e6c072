//! Sessions.

use super::{run, said};

#[test]
fn a_planted_cookie_and_a_kept_one_are_nobodys() {
    let printed = run("sessions");
    let cookie = said(&printed, "the cookie: ");
    for part in [
        "__Host-session=…",
        "Path=/",
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
    ] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert_eq!(said(&printed, "ada's own cookie: "), "ada, reader");
    for label in [
        "the planted one: ",
        "two of the name: ",
        "the one she ended: ",
        "after 31 minutes unused: ",
        "after the sign-out: ",
    ] {
        assert_eq!(said(&printed, label), "nobody", "{label}");
    }
    assert_eq!(said(&printed, "ada is signed in "), "2 times");
    assert_eq!(said(&printed, "with new roles: "), "ada, staff");
    assert_eq!(said(&printed, "after 29 minutes unused: "), "ada, staff");
}
