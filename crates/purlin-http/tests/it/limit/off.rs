//! Limits that are off, and options that are wrong.

use purlin_http::{
    Mount,
    limit::{Algorithm, Limit, LimitRule, RateLimits},
};

use super::{
    routes::{limit, open},
    *,
};

#[test]
fn all_limits_of_routes_can_be_turned_off_at_once() {
    let build = || limit(Quota::per_minute(1)).0.build().unwrap();
    let limits = RateLimits::off().rule(LimitRule::below(["/"], build()));
    let mounted = Mount::new().limits(limits).routes(open("/a", build()));
    assert!(mounted.build().unwrap().routes[0].limits.is_empty());
}

#[tokio::test]
async fn a_limit_that_is_off_lets_everything_pass() {
    let limit = limit(Quota::per_minute(1))
        .0
        .enabled(false)
        .build()
        .unwrap();
    for _ in 0..5 {
        assert!(limit.check("ada").await.is_ok());
    }
}

#[test]
fn options_out_of_bounds_are_named() {
    let option = |quota: Quota| Limit::builder(quota).build().unwrap_err().option;
    assert_eq!(option(Quota::per_minute(0)), "limit");
    assert_eq!(option(Quota::per_second(100_001)), "limit");
    assert_eq!(option(Quota::new(1, millis(999))), "window");
    assert_eq!(option(Quota::new(1, Duration::MAX)), "window");
    assert_eq!(option(Quota::per_minute(5).burst(6)), "burst");
    assert_eq!(option(Quota::per_minute(5).burst(0)), "burst");
    let month = Quota::new(1_000_000, Quota::WINDOW_MAX);
    assert!(Limit::builder(month).build().is_ok());
    let sliding = Quota::new(1_000_000, Quota::WINDOW_MAX).algorithm(Algorithm::SlidingWindow);
    assert_eq!(option(sliding), "limit");
    for name in ["", "two words", "a\"b", "a\r\nb", "é"] {
        let named = Limit::builder(Quota::per_minute(1)).name(name);
        assert_eq!(named.build().unwrap_err().option, "name", "{name:?}");
    }
    let nameless = Limit::builder(Quota::per_minute(1)).memory(Arc::default());
    assert_eq!(nameless.build().unwrap_err().option, "name");
    let bits = Limit::builder(Quota::per_minute(1)).ipv6_prefix(0);
    assert_eq!(bits.build().unwrap_err().option, "IPv6 prefix");
}

#[test]
#[should_panic(expected = "costs 1 to 5")]
fn a_cost_that_never_passes_is_a_fault_of_the_program() {
    let limit = limit(Quota::per_minute(5)).0.build().unwrap();
    limit.cost(6);
}
