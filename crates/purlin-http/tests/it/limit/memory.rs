//! The table in memory: bounded, and hard to flood.

use super::*;

fn key(subject: &str) -> StoreKey<'_> {
    StoreKey {
        limit: "test",
        subject,
    }
}

#[test]
fn a_flood_of_new_keys_does_not_free_a_caller_who_is_refused() {
    let store = MemoryStore::with(1_000, Arc::new(clock()));
    let quota = Quota::per_minute(5);
    while store.take(key("eve"), &quota, 1).allowed {}
    for number in 0..50_000 {
        store.take(key(&format!("flood {number}")), &quota, 1);
    }
    assert!(store.evictions() > 10_000, "the table is bounded");
    assert!(!store.take(key("eve"), &quota, 1).allowed);
}

#[test]
fn as_many_keys_as_promised_are_all_remembered() {
    // Each store has a secret of its own, so each is filled in another way.
    for keys_max in [256, 1_000, 5_000, 20_000].repeat(5) {
        let store = MemoryStore::with(keys_max, Arc::new(clock()));
        let quota = Quota::per_hour(1);
        let keys = || (0..keys_max).map(|number| number.to_string());
        assert!(keys().all(|name| store.take(key(&name), &quota, 1).allowed));
        assert!(keys().all(|name| !store.take(key(&name), &quota, 1).allowed));
        assert_eq!(store.evictions(), 0, "{keys_max} keys");
    }
}

#[test]
fn windows_and_gcra_share_a_store_and_do_not_touch_each_others_counts() {
    let clock = clock();
    let store = MemoryStore::with(1_000, Arc::new(clock.clone()));
    let [gcra, fixed, sliding] = super::engines::algorithms(Quota::per_minute(3));
    let all = |rounds: u32, quotas: [&Quota; 3], allowed: bool| {
        for round in 0..rounds {
            for (quota, number) in (0..1_000).map(|number| (quotas[number % 3], number)) {
                let decision = store.take(key(&number.to_string()), quota, 1);
                assert_eq!(decision.allowed, allowed, "{number} {round} {quota:?}");
            }
        }
    };
    all(3, [&gcra, &fixed, &sliding], true);
    all(1, [&gcra, &fixed, &sliding], false);
    // Places that are free again keep nothing of who stood there, whichever way he was counted.
    clock.advance(Duration::from_secs(121));
    all(3, [&sliding, &gcra, &fixed], true);
    all(1, [&sliding, &gcra, &fixed], false);
    assert_eq!(store.evictions(), 0);
}

#[test]
fn what_has_expired_makes_room_without_an_eviction() {
    let clock = clock();
    let store = MemoryStore::with(1_000, Arc::new(clock.clone()));
    let quota = Quota::per_second(1);
    for round in 0..20 {
        for number in 0..500 {
            assert!(
                store
                    .take(key(&format!("{round} {number}")), &quota, 1)
                    .allowed
            );
        }
        clock.advance(millis(1_000));
    }
    assert_eq!(store.evictions(), 0);
}

#[test]
fn quotas_and_costs_out_of_bounds_do_not_overflow() {
    let store = MemoryStore::with(1_000, Arc::new(clock()));
    let limits = [0, 1, 3, u32::MAX];
    let windows = [Duration::ZERO, millis(1), Quota::WINDOW_MAX, Duration::MAX];
    for (limit, window) in limits
        .iter()
        .flat_map(|it| windows.map(|window| (*it, window)))
    {
        for quota in super::engines::algorithms(Quota::new(limit, window)) {
            let name = format!("{quota:?}");
            let never = store.take(key(&name), &quota, limit.saturating_add(1));
            assert!(!never.allowed || limit == u32::MAX, "{name}");
            for cost in [1, limit, u32::MAX] {
                let decision = store.take(key(&name), &quota, cost);
                assert!(decision.remaining <= limit, "{name} {cost}");
            }
        }
    }
}

#[test]
fn a_key_takes_less_than_a_hundred_bytes() {
    assert_eq!(MemoryStore::BYTES_PER_KEY, 30);
}
