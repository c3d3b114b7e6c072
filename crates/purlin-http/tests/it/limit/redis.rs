//! Redis alone: shared between processes, and left alone when it is away.

#![allow(
    clippy::print_stdout,
    reason = "a process tells the other by its output"
)]

use std::{
    process::Command,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use purlin_http::limit::{Limit, LimitError, RedisStore, WhenAway};

use super::{engines::algorithms, *};

/// A prefix that no other run has; what stands below it expires by itself.
fn prefix() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = purlin_base::time::SystemClock.now().unix_micros();
    let count = COUNT.fetch_add(1, Relaxed);
    format!("purlin-test:{now}-{}-{count}", std::process::id())
}

/// Its timeout is long: a busy machine is no failure here.
fn store(url: &str, prefix: String) -> RedisStore {
    let store = RedisStore::open(url, prefix).unwrap();
    store.timeout(Duration::from_secs(10))
}

pub(super) fn engine(url: &str) -> Engine {
    let clock = clock();
    let time = clock.clone();
    let store = store(url, prefix()).time(move || time.monotonic());
    Engine {
        name: "redis",
        store: Arc::new(store),
        clock,
    }
}

async fn share(url: &str, prefix: String) -> u32 {
    let quota = Quota::per_hour(100);
    let limit = Limit::builder(quota)
        .name("api")
        .shared(Arc::new(store(url, prefix)));
    let limit = limit.when_away(WhenAway::Closed).build().unwrap();
    let mut allowed = 0;
    for _ in 0..80 {
        match limit.check("ada").await {
            Ok(_) => allowed += 1,
            Err(LimitError::Exceeded { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    allowed
}

#[tokio::test]
async fn two_processes_share_one_quota_in_redis() {
    const CHILD: &str = "PURLIN_TEST_LIMIT_CHILD";
    let Some(url) = testing::server("PURLIN_TEST_REDIS") else {
        return;
    };
    if let Ok(prefix) = std::env::var(CHILD) {
        println!("allowed={}", share(&url, prefix).await);
        return;
    }
    let prefix = prefix();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "--nocapture"]);
    child.arg("limit::redis::two_processes_share_one_quota_in_redis");
    child.env(CHILD, &prefix);
    let child = std::thread::spawn(move || child.output().unwrap());
    let here = share(&url, prefix).await;
    let output = String::from_utf8(child.join().unwrap().stdout).unwrap();
    let there = output.split("allowed=").nth(1).expect(&output);
    let there: u32 = there.lines().next().unwrap().parse().unwrap();
    assert_eq!(here + there, 100, "{here} here and {there} there");
}

#[tokio::test]
async fn the_time_of_redis_counts_where_no_other_is_given() {
    let Some(url) = testing::server("PURLIN_TEST_REDIS") else {
        return;
    };
    let store = store(&url, prefix());
    for quota in algorithms(Quota::per_hour(2)) {
        let limit = format!("{:?}", quota.counted_by());
        let key = StoreKey {
            limit: &limit,
            subject: "ada",
        };
        let taken = [(); 3].map(|()| store.take(key, &quota, 1));
        let mut allowed = Vec::new();
        for taken in taken {
            allowed.push(taken.await.unwrap().allowed);
        }
        assert_eq!(allowed, [true, true, false], "{limit}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_away_and_not_waited_for() {
    // Bound and dropped: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}/", port.local_addr().unwrap());
    drop(port);
    let store = Arc::new(RedisStore::open(&url, "none").unwrap());
    let limit = Limit::builder(Quota::per_minute(2))
        .name("api")
        .shared(store);
    let limit = limit.build().unwrap();
    assert!(limit.check("ada").await.is_ok());
    assert!(limit.check("ada").await.is_ok());
    assert!(
        limit.check("ada").await.is_err(),
        "the process limits alone"
    );
    assert!(limit.snapshot().away);
}
