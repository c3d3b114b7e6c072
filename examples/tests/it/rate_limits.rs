//! Rate limits.

use super::{run, said};

#[test]
fn a_made_up_address_gives_no_new_quota_and_an_edge_between_windows_no_second_one() {
    let printed = run("rate_limits");
    for (number, status) in [(1, "204"), (2, "204"), (3, "204"), (4, "429")] {
        let label = format!("203.0.113.7 says it is 198.51.100.{number}: ");
        assert_eq!(said(&printed, &label), status);
    }
    assert_eq!(said(&printed, "  retry-after: "), "20");
    assert!(said(&printed, "  ratelimit-policy: ").contains("q=3; w=60"));
    assert!(said(&printed, "  ratelimit: ").contains("r=0"));
    assert_eq!(said(&printed, "the same behind our proxy: "), "429");
    assert_eq!(said(&printed, "another behind our proxy: "), "204");
    for (number, status) in [(1, "204"), (2, "204"), (3, "204"), (4, "429")] {
        let label = format!("2001:db8::{number}, of one /64: ");
        assert_eq!(said(&printed, &label), status);
    }
    assert_eq!(said(&printed, "203.0.113.7 after 20 s: "), "204");
    let within = "within two seconds around an edge of windows";
    assert_eq!(said(&printed, "FixedWindow: "), format!("200 {within}"));
    assert_eq!(said(&printed, "Gcra: "), format!("102 {within}"));
}
