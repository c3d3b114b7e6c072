//! Whether the program lives, and whether it is ready to be asked.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};
use purlin_base::{ErrorClass, health::DynHealthIndicator};
use tokio::time::{Instant, timeout};

use crate::{Json, Problem, Route, Routes};

/// What the probes of an orchestrator ask. Clones are the same.
///
/// `GET /healthz` is 200 as long as the program answers at all: restarting it would not bring a
/// database back. `GET /readyz` is 200 when the program has started, is not stopping, and every
/// indicator says that it works; else 503.
///
/// # Examples
///
/// ```
/// use purlin_http::{Health, Mount};
///
/// let health = Health::new();
/// let mounted = Mount::new().routes(health.routes()).build()?;
/// health.set_ready(); // Once everything has started.
/// # Ok::<(), purlin_http::mount::MountError>(())
/// ```
#[derive(Clone, Default)]
pub struct Health(Arc<Inner>);

#[derive(Default)]
struct Inner {
    phase: AtomicU8,
    indicators: Mutex<Vec<Arc<dyn DynHealthIndicator>>>,
    last: tokio::sync::Mutex<Option<(Instant, Result<(), Away>)>>,
}

const STARTING: u8 = 0;
const READY: u8 = 1;
const STOPPING: u8 = 2;

/// The indicators that failed, with what they said.
type Away = Vec<(&'static str, String)>;

impl Health {
    /// How long an indicator may take; longer is a failure.
    pub const CHECK_TIMEOUT: Duration = Duration::from_secs(1);
    /// How long the result of a check stands for the next: probes cannot be a load.
    pub const CHECK_CACHED: Duration = Duration::from_millis(500);

    /// Nothing to check, and starting.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds something that the program cannot work without.
    pub fn indicator(&self, indicator: Arc<dyn DynHealthIndicator>) {
        self.0
            .indicators
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(indicator);
    }

    /// The start is over. Changes nothing once the program is stopping.
    pub fn set_ready(&self) {
        let phase = &self.0.phase;
        let _stopping =
            phase.compare_exchange(STARTING, READY, Ordering::AcqRel, Ordering::Acquire);
    }

    /// The stop has begun; there is no way back.
    pub fn set_stopping(&self) {
        self.0.phase.store(STOPPING, Ordering::Release);
    }

    /// Whether the program is ready to be asked.
    ///
    /// # Errors
    ///
    /// 503 with the reason; the errors of indicators are logged, and only their names told.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the checks that run; the next caller begins them anew.
    pub async fn ready(&self) -> Result<(), Problem> {
        match self.0.phase.load(Ordering::Acquire) {
            READY => self.checked().await.map_err(|away| unready(&away)),
            STARTING => Err(not_ready("the program is starting")),
            _ => Err(not_ready("the program is stopping")),
        }
    }

    /// Asks the indicators, or takes the last answer if it is fresh. One check at a time: those
    /// who come meanwhile wait for it and take its result.
    async fn checked(&self) -> Result<(), Away> {
        let mut last = self.0.last.lock().await;
        if let Some((at, result)) = &*last
            && at.elapsed() < Self::CHECK_CACHED
        {
            return result.clone();
        }
        let indicators = self
            .0
            .indicators
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let results = join_all(indicators.iter().map(|indicator| check(&**indicator))).await;
        let away: Away = results.into_iter().flatten().collect();
        let result = if away.is_empty() { Ok(()) } else { Err(away) };
        *last = Some((Instant::now(), result.clone()));
        result
    }

    /// `GET /healthz` and `GET /readyz`, for anybody.
    pub fn routes(&self) -> Routes {
        let health = self.clone();
        let live = Route::get("/healthz")
            .operation("live")
            .version_neutral()
            .public()
            .describe(|operation| {
                operation
                    .summary("Whether the program answers at all")
                    .reply::<Json<Status>>();
            });
        let ready = Route::get("/readyz")
            .operation("ready")
            .version_neutral()
            .public()
            .describe(|operation| {
                operation
                    .summary("Whether the program can be asked")
                    .reply::<Json<Status>>()
                    .fails(ErrorClass::Unavailable);
            });
        Routes::at("/")
            .controller("Health")
            .route(live.handler(async || Json(Status { status: "alive" })))
            .route(ready.handler(async move || {
                health
                    .ready()
                    .await
                    .map(|()| Json(Status { status: "ready" }))
            }))
    }
}

/// What a probe is told.
#[derive(serde::Serialize, schemars::JsonSchema)]
struct Status {
    /// One word: `alive` or `ready`.
    status: &'static str,
}

async fn check(indicator: &dyn DynHealthIndicator) -> Option<(&'static str, String)> {
    let check = AssertUnwindSafe(async { indicator.check().await }).catch_unwind();
    let fault = match timeout(Health::CHECK_TIMEOUT, check).await {
        Ok(Ok(Ok(()))) => return None,
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(panic)) => crate::edge::panic_message(&*panic).to_owned(),
        Err(_) => format!("no answer within {:?}", Health::CHECK_TIMEOUT),
    };
    Some((indicator.name(), fault))
}

fn not_ready(why: &str) -> Problem {
    Problem::new(ErrorClass::Unavailable, "HTTP_NOT_READY")
        .detail(why)
        .retry_after(Duration::from_secs(1))
}

fn unready(away: &Away) -> Problem {
    let names: Vec<&str> = away.iter().map(|(name, _)| *name).collect();
    let faults: Vec<String> = away
        .iter()
        .map(|(name, fault)| format!("{name}: {fault}"))
        .collect();
    not_ready(&format!("away: {}", names.join(", "))).cause(faults.join("; "))
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health").finish_non_exhaustive()
    }
}
