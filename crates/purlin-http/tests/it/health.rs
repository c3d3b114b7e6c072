//! Liveness and readiness.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

use purlin_base::{BoxError, health::HealthIndicator};
use purlin_http::{Health, Router};

use crate::support::{get, served};

#[derive(Default)]
struct Database {
    away: AtomicBool,
    hangs: AtomicBool,
    checks: AtomicUsize,
}

impl HealthIndicator for Database {
    fn name(&self) -> &'static str {
        "database"
    }

    fn check(&self) -> impl Future<Output = Result<(), BoxError>> + Send {
        self.checks.fetch_add(1, SeqCst);
        async {
            if self.hangs.load(SeqCst) {
                std::future::pending::<()>().await;
            }
            match self.away.load(SeqCst) {
                true => Err("no route to 10.0.0.1".into()),
                false => Ok(()),
            }
        }
    }
}

fn setup() -> (Health, Arc<Database>, Router) {
    let (health, database) = (Health::new(), Arc::new(Database::default()));
    health.indicator(database.clone());
    let router = served(health.routes());
    (health, database, router)
}

async fn pass_cache() {
    tokio::time::advance(Health::CHECK_CACHED * 2).await;
}

#[tokio::test(start_paused = true)]
async fn ready_is_503_while_starting_and_stopping_and_live_is_200_all_along() {
    let (health, _, router) = setup();
    assert_eq!(get(&router, "/readyz").await.problem(503), "HTTP_NOT_READY");
    assert_eq!(get(&router, "/healthz").await.status, 200);
    health.set_ready();
    assert_eq!(get(&router, "/readyz").await.json()["status"], "ready");
    health.set_stopping();
    health.set_ready();
    let answer = get(&router, "/readyz").await;
    answer.problem(503);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(get(&router, "/healthz").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn ready_is_503_while_something_is_away_or_does_not_answer() {
    let (health, database, router) = setup();
    health.set_ready();
    for fault in [&database.away, &database.hangs] {
        fault.store(true, SeqCst);
        pass_cache().await;
        let answer = get(&router, "/readyz").await;
        assert_eq!(answer.problem(503), "HTTP_NOT_READY");
        assert_eq!(answer.json()["detail"], "away: database");
        assert_eq!(get(&router, "/healthz").await.status, 200);
        fault.store(false, SeqCst);
        pass_cache().await;
        assert_eq!(get(&router, "/readyz").await.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn many_probes_at_once_are_one_check() {
    let (health, database, router) = setup();
    health.set_ready();
    let probes = (0..50).map(|_| get(&router, "/readyz"));
    for answer in futures_util::future::join_all(probes).await {
        assert_eq!(answer.status, 200);
    }
    assert_eq!(database.checks.load(SeqCst), 1);
}
