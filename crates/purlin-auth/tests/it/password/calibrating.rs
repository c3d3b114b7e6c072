//! Parameters for a time.

use std::time::Duration;

use purlin_auth::password::Argon2Params;
use purlin_base::time::SystemClock;

#[test]
fn what_cannot_be_reached_is_answered_with_owasps_least() {
    let found = Argon2Params::calibrate(Duration::ZERO, 0, &SystemClock).unwrap();
    assert_eq!(found.params, Argon2Params::default());
    assert!(found.took > Duration::ZERO);
}

#[test]
fn what_is_found_can_be_made_and_is_no_weaker_than_the_least() {
    let target = Duration::from_millis(60);
    let found = Argon2Params::calibrate(target, 32_768, &SystemClock).unwrap();
    let (memory, passes, lanes) = (
        found.params.memory_kib(),
        found.params.passes(),
        found.params.lanes(),
    );
    assert!(memory <= 32_768);
    assert_eq!(
        Argon2Params::new(memory, passes, lanes).unwrap(),
        found.params
    );
}
