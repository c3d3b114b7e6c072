//! The order of hooks at start and stop, and what a failure does to the rest.

use std::sync::{Arc, Mutex};

use purlin_base::{BoxError, Classified as _};
use purlin_core::{
    ConfigModule, Container, injectable,
    lifecycle::{Lifecycle, StopReason},
    module,
};
use tokio::sync::{Barrier, Notify};

/// What happened, in order; and what is to go wrong.
#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    fails_at: Option<&'static str>,
    panics_at: Option<&'static str>,
    holds_at: Option<&'static str>,
    held: Notify,
    go_on: Notify,
}

impl Log {
    async fn note(&self, hook: &str, who: &str) -> Result<(), BoxError> {
        let line = format!("{hook} {who}");
        let is = |at: Option<&str>| at == Some(line.as_str());
        let (fails, panics, holds) = (is(self.fails_at), is(self.panics_at), is(self.holds_at));
        self.lines.lock().unwrap().push(line);
        if holds {
            self.held.notify_one();
            self.go_on.notified().await;
        }
        assert!(!panics, "on purpose");
        if fails {
            Err("on purpose".into())
        } else {
            Ok(())
        }
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

macro_rules! hooked {
    ($($name:ident { $($dep:ident: $ty:ty),* })+) => {$(
        #[injectable]
        struct $name { log: Arc<Log>, $($dep: Arc<$ty>),* }

        impl Lifecycle for $name {
            async fn on_module_init(&self) -> Result<(), BoxError> {
                $(let _ = &self.$dep;)*
                self.log.note("init", stringify!($name)).await
            }
            async fn on_application_bootstrap(&self) -> Result<(), BoxError> {
                self.log.note("bootstrap", stringify!($name)).await
            }
            async fn on_module_destroy(&self) -> Result<(), BoxError> {
                self.log.note("destroy", stringify!($name)).await
            }
            async fn before_application_shutdown(&self, _: StopReason) -> Result<(), BoxError> {
                self.log.note("before", stringify!($name)).await
            }
            async fn on_application_shutdown(&self, reason: StopReason) -> Result<(), BoxError> {
                self.log.note(&format!("shutdown by {reason}"), stringify!($name)).await
            }
        }
    )+};
}

hooked! {
    Db {}
    Users { db: Db }
    Orders { db: Db, users: Users }
    Front { orders: Orders }
}

#[module(imports(ConfigModule<Log>), providers(Db), exports(Db))]
struct DbModule;

// `Orders` stands first and needs `Users`: what counts is who needs whom.
#[module(
    imports(ConfigModule<Log>, DbModule),
    providers(Orders, Users),
    exports(Orders),
)]
struct OrderModule;

#[module(imports(ConfigModule<Log>, OrderModule), providers(Front))]
struct Root;

async fn container(log: Log) -> (Container, Arc<Log>) {
    let builder = Container::builder::<Root>().input(log);
    let container = builder.build().await.unwrap();
    let log = container.get::<Log>().unwrap();
    (container, log)
}

#[tokio::test]
async fn hooks_run_from_the_farthest_module_to_the_root_and_stop_in_exact_reverse() {
    let (container, log) = container(Log::default()).await;
    container.start().await.unwrap();
    let (closed, note) = (log.clone(), async |log: Arc<Log>| {
        log.note("close", "connections").await.unwrap();
    });
    container
        .stop_closing(StopReason::Terminate, note(closed))
        .await;
    assert_eq!(
        log.lines(),
        [
            "init Db",
            "init Users",
            "init Orders",
            "init Front",
            "bootstrap Db",
            "bootstrap Users",
            "bootstrap Orders",
            "bootstrap Front",
            "destroy Front",
            "destroy Orders",
            "destroy Users",
            "destroy Db",
            "before Front",
            "before Orders",
            "before Users",
            "before Db",
            "close connections",
            "shutdown by SIGTERM Front",
            "shutdown by SIGTERM Orders",
            "shutdown by SIGTERM Users",
            "shutdown by SIGTERM Db",
        ]
    );
}

#[tokio::test]
async fn a_failed_init_is_named_and_stops_only_what_had_been_initialised_in_reverse() {
    let log = Log {
        fails_at: Some("init Orders"),
        ..Log::default()
    };
    let (container, log) = container(log).await;
    let error = container.start().await.unwrap_err();
    assert_eq!(error.code(), "START_HOOK_FAILED");
    assert_eq!(
        error.to_string(),
        "`on_module_init` of `Orders` in `OrderModule` failed"
    );
    assert_eq!(
        log.lines(),
        [
            "init Db",
            "init Users",
            "init Orders",
            "destroy Users",
            "destroy Db",
            "before Users",
            "before Db",
            "shutdown by failed start Users",
            "shutdown by failed start Db",
        ]
    );
    container.stop(StopReason::Requested).await;
    assert_eq!(log.lines().len(), 9, "nothing is stopped twice");
}

#[tokio::test]
async fn a_failed_bootstrap_stops_everything_since_everything_was_initialised() {
    let log = Log {
        panics_at: Some("bootstrap Users"),
        ..Log::default()
    };
    let (container, log) = container(log).await;
    let error = container.start().await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "it panicked: on purpose");
    let lines = log.lines();
    assert!(!lines.contains(&"bootstrap Orders".into()));
    let destroyed = lines.iter().filter(|line| line.starts_with("destroy"));
    assert_eq!(destroyed.count(), 4);
}

#[tokio::test]
async fn an_error_or_a_panic_at_stop_does_not_keep_the_others_from_stopping() {
    let log = Log {
        fails_at: Some("destroy Front"),
        panics_at: Some("destroy Orders"),
        ..Log::default()
    };
    let (container, log) = container(log).await;
    container.start().await.unwrap();
    container.stop(StopReason::Requested).await;
    assert_eq!(log.lines().len(), 8 + 12);
    assert_eq!(log.lines().last().unwrap(), "shutdown by request Db");
}

#[tokio::test]
async fn stops_at_the_same_time_share_one_run() {
    let log = Log {
        holds_at: Some("destroy Orders"),
        ..Log::default()
    };
    let (container, log) = container(log).await;
    container.start().await.unwrap();
    let let_go = async {
        log.held.notified().await;
        log.go_on.notify_one();
    };
    tokio::join!(
        container.stop(StopReason::Terminate),
        container.stop(StopReason::Interrupt),
        let_go,
    );
    assert_eq!(log.lines().len(), 8 + 12);
    assert_eq!(log.lines().last().unwrap(), "shutdown by SIGTERM Db");
}

#[tokio::test]
async fn after_a_dropped_stop_the_next_one_goes_on_with_what_is_left() {
    let log = Log {
        holds_at: Some("destroy Orders"),
        ..Log::default()
    };
    let (container, log) = container(log).await;
    container.start().await.unwrap();
    tokio::select! {
        () = container.stop(StopReason::Terminate) => panic!("it is held"),
        () = log.held.notified() => {}
    }
    container.stop(StopReason::Interrupt).await;
    let lines = log.lines();
    assert_eq!(
        lines
            .iter()
            .filter(|line| *line == "destroy Orders")
            .count(),
        1
    );
    assert_eq!(lines.len(), 8 + 12);
}

#[tokio::test]
async fn after_a_dropped_start_a_stop_stops_what_had_been_initialised() {
    let log = Log {
        holds_at: Some("init Orders"),
        ..Log::default()
    };
    let (container, log) = container(log).await;
    tokio::select! {
        _ = container.start() => panic!("it is held"),
        () = log.held.notified() => {}
    }
    container.stop(StopReason::Requested).await;
    let destroyed = log
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("destroy"));
    assert_eq!(
        destroyed.collect::<Vec<_>>(),
        ["destroy Users", "destroy Db"]
    );
    let error = container.start().await.unwrap_err();
    assert_eq!(error.code(), "START_ALREADY_STOPPED");
}

/// Ends only if both wait at the same time.
struct Meeting(Barrier);

macro_rules! meets {
    ($($name:ident)+) => {$(
        #[injectable]
        struct $name { meeting: Arc<Meeting> }
        impl Lifecycle for $name {
            async fn on_module_init(&self) -> Result<(), BoxError> {
                self.meeting.0.wait().await;
                Ok(())
            }
        }
    )+};
}

meets! { Left Right }

#[module(providers(Meeting = value(Meeting(Barrier::new(2))), Left, Right))]
struct MeetingModule;

#[tokio::test(start_paused = true)]
async fn those_of_one_level_start_at_the_same_time() {
    let container = Container::builder::<MeetingModule>().build().await.unwrap();
    let start = tokio::time::timeout(std::time::Duration::from_secs(1), container.start());
    start.await.expect("they meet").unwrap();
}

static OF_MODULE: Mutex<Vec<&str>> = Mutex::new(Vec::new());

struct Pool;

impl Lifecycle for Pool {
    async fn on_module_init(&self) -> Result<(), BoxError> {
        OF_MODULE.lock().unwrap().push("pool");
        Ok(())
    }
}

#[module(providers(Pool = factory(async || Pool)), lifecycle)]
struct PoolModule;

impl Lifecycle for PoolModule {
    async fn on_module_init(&self) -> Result<(), BoxError> {
        OF_MODULE.lock().unwrap().push("module");
        Ok(())
    }
}

#[tokio::test]
async fn what_a_factory_makes_has_hooks_too_and_those_of_the_module_come_last() {
    let container = Container::builder::<PoolModule>().build().await.unwrap();
    container.start().await.unwrap();
    assert_eq!(*OF_MODULE.lock().unwrap(), ["pool", "module"]);
}
