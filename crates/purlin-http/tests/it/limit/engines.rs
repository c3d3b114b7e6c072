//! The same cases on every engine.

#![allow(clippy::print_stdout, reason = "a seed must be seen")]

use purlin_base::random::{OsRng, Rng, SeededRng};
use purlin_http::limit::Algorithm;
use tokio::task::JoinSet;

use super::{model::Model, *};

pub(super) fn algorithms(quota: Quota) -> [Quota; 3] {
    [
        Algorithm::Gcra,
        Algorithm::FixedWindow,
        Algorithm::SlidingWindow,
    ]
    .map(|algorithm| quota.algorithm(algorithm))
}

#[tokio::test]
async fn a_burst_of_the_whole_quota_passes_and_then_one_each_gap() {
    let quota = Quota::per_minute(100);
    for engine in engines() {
        for left in (0..100).rev() {
            let decision = engine.take("ada", &quota, 1).await;
            assert!(decision.allowed);
            assert_eq!(decision.remaining, left, "{}", engine.name);
        }
        let refused = engine.take("ada", &quota, 1).await;
        assert!(!refused.allowed, "{}", engine.name);
        assert_eq!(refused.retry_after, millis(600));
        assert_eq!(refused.reset_after, millis(60_000));
        engine.clock.advance(millis(599));
        assert!(!engine.take("ada", &quota, 1).await.allowed);
        engine.clock.advance(millis(1));
        assert!(engine.take("ada", &quota, 1).await.allowed);
        assert!(!engine.take("ada", &quota, 1).await.allowed);
    }
}

#[tokio::test]
async fn a_smaller_burst_bounds_what_passes_at_once() {
    let quota = Quota::per_minute(60).burst(3);
    for engine in engines() {
        let mut passed = 0;
        for _ in 0..10 {
            passed += u32::from(engine.take("ada", &quota, 1).await.allowed);
        }
        assert_eq!(passed, 3, "{}", engine.name);
        assert_eq!(engine.take("ada", &quota, 1).await.limit, 60);
    }
}

#[tokio::test]
async fn a_fixed_window_comes_back_whole() {
    let quota = Quota::per_minute(2).algorithm(Algorithm::FixedWindow);
    for engine in engines() {
        assert_eq!(
            engine.take("ada", &quota, 1).await.reset_after,
            millis(60_000)
        );
        engine.clock.advance(millis(50_000));
        assert!(engine.take("ada", &quota, 1).await.allowed);
        assert_eq!(
            engine.take("ada", &quota, 1).await.retry_after,
            millis(10_000)
        );
        engine.clock.advance(millis(10_000));
        assert_eq!(
            engine.take("ada", &quota, 2).await.remaining,
            0,
            "{}",
            engine.name
        );
    }
}

#[tokio::test]
async fn a_sliding_window_forgets_the_window_before_little_by_little() {
    let quota = Quota::per_minute(10).algorithm(Algorithm::SlidingWindow);
    for engine in engines() {
        assert!(engine.take("ada", &quota, 10).await.allowed);
        engine.clock.advance(millis(60_000));
        assert!(
            !engine.take("ada", &quota, 1).await.allowed,
            "{}",
            engine.name
        );
        engine.clock.advance(millis(30_000));
        let half = engine.take("ada", &quota, 5).await;
        assert!(
            half.allowed && half.remaining == 0,
            "{}: {half:?}",
            engine.name
        );
    }
}

#[tokio::test]
async fn callers_and_limits_are_counted_apart() {
    let quota = Quota::per_minute(1);
    for engine in engines() {
        for subject in ["ada", "eve", "ada:", ""] {
            assert!(
                engine.take(subject, &quota, 1).await.allowed,
                "{}",
                engine.name
            );
        }
        let key = StoreKey {
            limit: "other",
            subject: "ada",
        };
        assert!(engine.store.take(key, &quota, 1).await.unwrap().allowed);
        assert!(!engine.take("ada", &quota, 1).await.allowed);
    }
}

#[tokio::test]
async fn a_cost_of_nothing_looks_and_takes_nothing() {
    for engine in engines() {
        for (index, quota) in algorithms(Quota::per_minute(3)).iter().enumerate() {
            let subject = index.to_string();
            for _ in 0..5 {
                assert_eq!(
                    engine.take(&subject, quota, 0).await.remaining,
                    3,
                    "{}",
                    engine.name
                );
            }
        }
    }
}

#[tokio::test]
async fn a_cost_above_the_burst_never_passes_and_takes_nothing() {
    for engine in engines() {
        for (index, quota) in algorithms(Quota::per_minute(3)).iter().enumerate() {
            let subject = index.to_string();
            let refused = engine.take(&subject, quota, 4).await;
            assert!(!refused.allowed, "{}", engine.name);
            assert!(engine.take(&subject, quota, u32::MAX).await.remaining == 3);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_at_once_never_get_more_than_the_quota() {
    for engine in engines() {
        for (index, quota) in algorithms(Quota::per_hour(100)).into_iter().enumerate() {
            let mut tasks = JoinSet::new();
            for _ in 0..8 {
                let store = Arc::clone(&engine.store);
                tasks.spawn(async move {
                    let subject = index.to_string();
                    let key = StoreKey {
                        limit: "test",
                        subject: &subject,
                    };
                    let mut passed = 0;
                    for _ in 0..50 {
                        passed += u32::from(store.take(key, &quota, 1).await.unwrap().allowed);
                    }
                    passed
                });
            }
            let passed: u32 = tasks.join_all().await.iter().sum();
            assert_eq!(passed, 100, "{} {:?}", engine.name, quota.counted_by());
        }
    }
}

#[tokio::test]
async fn random_histories_are_those_of_the_model() {
    let seed = OsRng.next_u64();
    println!("seed {seed}");
    for engine in engines() {
        let rng = SeededRng::new(seed);
        let mut below = |bound: u64| rng.next_u64() % bound;
        for round in 0..40 {
            let limit = 1 + below(20) as u32;
            let quota = Quota::new(limit, millis(1_000 + below(5_000)));
            let quota = algorithms(quota)[round % 3];
            let quota = match quota.counted_by() {
                Algorithm::Gcra => quota.burst(1 + below(limit.into()) as u32),
                _ => quota,
            };
            history(&engine, &round.to_string(), quota, &mut below).await;
        }
    }
}

async fn history(engine: &Engine, subject: &str, quota: Quota, below: &mut impl FnMut(u64) -> u64) {
    let mut model = Model::new(quota);
    let window = quota.window().as_micros() as u64;
    for step in 0..60 {
        let wait = match below(8) {
            0 => below(3 * window),
            1..=3 => below(window / u64::from(quota.limit()) + 1),
            _ => 0,
        };
        engine.clock.advance(Duration::from_micros(wait));
        let cost = below(u64::from(quota.burst_max()).min(4) + 1) as u32;
        let said = engine.take(subject, &quota, cost).await;
        let now = engine.clock.monotonic().as_micros() as u64;
        let expected = model.take(now, cost);
        let place = format!("{} {quota:?} step {step} cost {cost}", engine.name);
        assert_eq!((said.allowed, said.remaining), expected, "{place}");
        if !said.allowed {
            retry_is_exact(engine, &mut model, (subject, quota, cost), said, &place).await;
        }
    }
}

/// A moment before the time given it is refused still, and then it passes.
async fn retry_is_exact(
    engine: &Engine,
    model: &mut Model,
    (subject, quota, cost): (&str, Quota, u32),
    refused: Decision,
    place: &str,
) {
    let moment = Duration::from_micros(1);
    for (wait, passes) in [(refused.retry_after - moment, false), (moment, true)] {
        engine.clock.advance(wait);
        let said = engine.take(subject, &quota, cost).await;
        let now = engine.clock.monotonic().as_micros() as u64;
        assert_eq!(said.allowed, passes, "{place}: {refused:?}");
        assert_eq!(
            (said.allowed, said.remaining),
            model.take(now, cost),
            "{place}"
        );
    }
}
