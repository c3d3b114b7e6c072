//! CSRF, the fields that browsers obey, and markup of users.

use super::{run, said};

#[test]
fn forged_requests_are_refused_and_what_harms_is_taken_out_of_markup() {
    let printed = run("web_safety");
    for (label, answer) in [
        (
            "a page of another site, with the right token: ",
            "403 CSRF_CROSS_ORIGIN",
        ),
        ("an old browser, by Origin: ", "403 CSRF_CROSS_ORIGIN"),
        ("our page, without a token: ", "403 CSRF_TOKEN_MISSING"),
        ("with a token of eve's: ", "403 CSRF_TOKEN_INVALID"),
        ("with its own: ", "204 "),
    ] {
        assert_eq!(said(&printed, label), answer, "{label}");
    }
    let policy = said(&printed, "  content-security-policy: ");
    assert!(policy.contains("script-src 'none'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(said(&printed, "  strict-transport-security: ").contains("31536000"));
    assert_eq!(
        said(&printed, "  pages of other origins may read it: "),
        "false"
    );
    let (_, cleaned) = printed.split_once("becomes\n").expect("what it becomes");
    assert!(cleaned.contains("<strong>good</strong>"), "{cleaned}");
    for harm in ["onclick", "script", "steal"] {
        assert!(!cleaned.contains(harm), "{harm} in {cleaned}");
    }
}
