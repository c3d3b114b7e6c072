//! How many hash, how many wait, and what the rest is told.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use purlin_auth::password::{Argon2Params, PasswordError, Passwords};
use purlin_base::{Classified, Context};
use purlin_runtime::CpuPool;

use super::support::{PASSWORD, builder};

/// Passwords whose only turn and place are taken, until it is dropped.
pub(crate) struct Full {
    pub(crate) passwords: Passwords,
    cpu: CpuPool,
    _release: mpsc::Sender<()>,
}

impl Full {
    pub(crate) async fn new() -> Self {
        let full = Self::with_queue(0).await;
        full.occupy();
        full.until_taken(0).await;
        full
    }

    /// The pool's only thread is held, and so whoever has a turn keeps it.
    async fn with_queue(queue_max: usize) -> Self {
        let cpu = CpuPool::builder().threads(1).build().unwrap();
        let (release, held) = mpsc::channel::<()>();
        let holder = cpu.clone();
        purlin_runtime::spawn(async move { holder.run("held", move || held.recv()).await });
        while cpu.running() == 0 {
            tokio::task::yield_now().await;
        }
        let passwords = Passwords::builder(cpu.clone())
            .argon2(Argon2Params::weak_for_tests())
            .queue_max(queue_max)
            .build()
            .unwrap();
        Self {
            passwords,
            cpu,
            _release: release,
        }
    }

    /// Takes a place for good.
    fn occupy(&self) -> tokio::task::JoinHandle<Result<String, PasswordError>> {
        let passwords = self.passwords.clone();
        purlin_runtime::spawn(async move { passwords.hash(PASSWORD).await })
    }

    /// Waits until one has the turn and `waiting` more have been polled.
    async fn until_taken(&self, waiting: usize) {
        while self.cpu.queued() == 0 {
            tokio::task::yield_now().await;
        }
        for _ in 0..waiting {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn who_finds_every_place_taken_is_told_to_come_back() {
    let full = Full::with_queue(2).await;
    let hashes: Vec<_> = (0..3).map(|_| full.occupy()).collect();
    full.until_taken(3).await;
    let error = full.passwords.hash(PASSWORD).await.unwrap_err();
    assert!(matches!(error, PasswordError::Busy { queue_max: 2 }));
    assert_eq!(
        (error.code(), error.class().status()),
        ("PASSWORD_BUSY", 503)
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    drop(full); // The thread is let go: everybody who had a place is served.
    for hash in hashes {
        assert!(hash.await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn who_goes_away_while_waiting_gives_the_place_up() {
    let full = Full::with_queue(1).await;
    let _turn = full.occupy();
    full.until_taken(0).await;
    let waiting = full.occupy();
    tokio::task::yield_now().await;
    let refused = full.passwords.hash(PASSWORD).await;
    assert!(matches!(refused, Err(PasswordError::Busy { .. })));
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    let hash = full.occupy();
    tokio::task::yield_now().await;
    drop(full);
    assert!(hash.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_turn_that_does_not_come_before_the_deadline_is_a_timeout() {
    let full = Full::with_queue(1).await;
    let _turn = full.occupy();
    full.until_taken(0).await;
    let context = Context::builder().deadline(Instant::now()).build();
    let error = context
        .scope(full.passwords.hash(PASSWORD))
        .await
        .unwrap_err();
    assert!(matches!(error, PasswordError::Timeout));
    assert_eq!(error.class().status(), 504);
}

#[tokio::test]
async fn a_closed_pool_hashes_nothing() {
    let cpu = CpuPool::builder().threads(1).build().unwrap();
    let passwords = Passwords::builder(cpu.clone()).build().unwrap();
    cpu.close().await;
    let error = passwords.hash(PASSWORD).await.unwrap_err();
    assert_eq!(
        (error.code(), error.class().status()),
        ("CPU_POOL_CLOSED", 503)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_all_get_their_own_answer() {
    let passwords = builder().concurrency(2).queue_max(64).build().unwrap();
    let hashes: Vec<_> = (0..40)
        .map(|number| {
            let passwords = passwords.clone();
            purlin_runtime::spawn(async move {
                let password = format!("password number {number}");
                let stored = passwords.hash(&password).await.unwrap();
                let right = passwords.verify(&password, Some(&stored)).await.unwrap();
                let wrong = passwords.verify(PASSWORD, Some(&stored)).await.unwrap();
                (right.is_right(), wrong.is_right())
            })
        })
        .collect();
    for hash in hashes {
        assert_eq!(hash.await.unwrap(), (true, false));
    }
}

#[tokio::test]
async fn options_out_of_their_bounds_are_refused_by_name() {
    let option = |result: Result<Passwords, purlin_auth::password::PasswordOptionError>| {
        let error = result.unwrap_err();
        assert_eq!(error.code(), "PASSWORD_OPTION");
        error.option
    };
    assert_eq!(option(builder().concurrency(0).build()), "concurrency");
    assert_eq!(option(builder().concurrency(3).build()), "concurrency");
    assert_eq!(option(builder().queue_max(65_537).build()), "queue_max");
    assert!(builder().queue_max(65_536).build().is_ok());
}

#[test]
fn parameters_weaker_than_owasps_or_above_the_bounds_are_not_made() {
    let floors = [
        (47_104, 1),
        (19_456, 2),
        (12_288, 3),
        (9_216, 4),
        (7_168, 5),
        (7_168, 64),
    ];
    for (memory, passes) in floors {
        assert!(
            Argon2Params::new(memory, passes, 1).is_ok(),
            "{memory} {passes}"
        );
        assert!(
            Argon2Params::new(memory - 1, passes, 1).is_err(),
            "{memory} {passes}"
        );
    }
    assert!(Argon2Params::new(262_144, 8, 16).is_ok());
    for (memory, passes, lanes) in [(262_145, 1, 1), (262_144, 9, 1), (65_536, 3, 17)] {
        assert!(Argon2Params::new(memory, passes, lanes).is_err());
    }
    assert!(Argon2Params::new(65_536, 3, 0).is_err());
    assert!(Argon2Params::new(65_536, 0, 1).is_err());
}
