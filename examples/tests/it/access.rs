//! Who may do what.

use super::run;

#[test]
fn a_row_of_somebody_else_answers_as_one_that_is_missing() {
    let printed = run("access");
    // The first column may be empty: a caller without a key.
    let answers = |who: &str| {
        let line = format!("{who:12} reads 7: ");
        let found = printed.lines().find_map(|it| it.strip_prefix(&line));
        let found = found.unwrap_or_else(|| panic!("{who:?} in {printed}"));
        let words = found.split_whitespace();
        let statuses = words.filter_map(|word| word.parse::<u16>().ok());
        statuses.collect::<Vec<_>>()
    };
    // Order 7, order 8 which is not there, and the cancellation of 7.
    for (who, expected) in [
        ("", [401, 401, 401]),
        ("eve.reader", [404, 404, 403]),
        ("ada.reader", [200, 404, 403]),
        ("bob.staff", [200, 404, 204]),
    ] {
        assert_eq!(answers(who)[..], expected, "{who}");
    }
    assert!(printed.contains("role staff"), "{printed}");
}
