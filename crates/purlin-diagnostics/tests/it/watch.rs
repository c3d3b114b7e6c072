//! Polls that hold their thread too long.

use std::{
    sync::mpsc::channel,
    thread,
    time::{Duration, Instant},
};

use purlin_base::work::Label;
use purlin_diagnostics::{Culprit, DiagnosticsError, PollWatch};

use crate::block_for;

const LIMIT: Duration = Duration::from_millis(50);
const BLOCK: Duration = Duration::from_millis(150);
/// Longest wait for another thread; far more than is needed.
const PATIENCE: Duration = Duration::from_secs(60);

fn culprit(watch: &PollWatch, name: &str) -> Option<Culprit> {
    watch.culprits().into_iter().find(|it| it.name == name)
}

#[tokio::test]
async fn a_poll_over_the_limit_is_named_and_one_below_is_not() {
    let watch = PollWatch::start(LIMIT).unwrap();
    let blocks = async {
        tokio::task::yield_now().await;
        block_for(BLOCK);
        tokio::task::yield_now().await;
        block_for(BLOCK);
    };
    Label::job("watch.blocks").scope(blocks).await;
    let waits = async {
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
    };
    Label::job("watch.waits").scope(waits).await;
    let found = culprit(&watch, "watch.blocks").unwrap();
    assert_eq!((found.kind, found.polls), ("job", 2));
    assert!(found.longest >= BLOCK.as_secs_f64() && found.total >= 2.0 * BLOCK.as_secs_f64());
    assert!(culprit(&watch, "watch.waits").is_none_or(|it| it.longest < 0.15));
}

#[tokio::test]
async fn the_inner_work_is_blamed_and_not_what_is_around_it() {
    let watch = PollWatch::start(LIMIT).unwrap();
    let inner = Label::job("watch.inner").scope(async { block_for(BLOCK) });
    Label::route("GET", "/watch/outer").scope(inner).await;
    assert!(culprit(&watch, "watch.inner").unwrap().longest >= BLOCK.as_secs_f64());
    assert!(culprit(&watch, "GET /watch/outer").is_none_or(|it| it.longest < 0.15));
}

#[tokio::test]
async fn a_name_that_is_learned_on_the_way_is_the_one_that_counts() {
    let watch = PollWatch::start(LIMIT).unwrap();
    let routed = async {
        Label::route("GET", "/watch/{id}").set_current();
        tokio::task::yield_now().await;
        assert_eq!(&*Label::current().name(), "GET /watch/{id}");
        block_for(BLOCK);
    };
    Label::task("watch.unrouted").scope(routed).await;
    assert!(culprit(&watch, "GET /watch/{id}").is_some());
    assert_eq!(Label::current(), Label::NONE);
}

#[tokio::test]
async fn a_task_is_named_by_the_line_that_began_it() {
    let watch = PollWatch::start(LIMIT).unwrap();
    let (task, line) = (purlin_runtime::spawn(async { block_for(BLOCK) }), line!());
    task.await.unwrap();
    let place = format!("{}:{line}", file!());
    assert_eq!(culprit(&watch, &place).unwrap().kind, "task");
}

#[tokio::test]
async fn a_poll_that_panics_is_named_too_and_leaves_no_name_behind() {
    let watch = PollWatch::start(LIMIT).unwrap();
    let panics = Label::job("watch.panics").scope(async {
        block_for(BLOCK);
        panic!("on purpose");
    });
    let joined = purlin_runtime::spawn(async { Label::NONE.scope(panics).await }).await;
    assert!(joined.unwrap_err().is_panic());
    assert!(culprit(&watch, "watch.panics").is_some());
    assert_eq!(Label::current(), Label::NONE);
}

#[test]
fn a_thread_is_seen_while_it_is_held_up() {
    let watch = PollWatch::start(LIMIT).unwrap();
    let (release, released) = channel::<()>();
    let held = thread::Builder::new().name("held".into());
    let held = held.spawn(move || {
        let _entered = Label::job("watch.held").enter();
        released.recv().unwrap();
    });
    let until = Instant::now() + PATIENCE;
    let seen = loop {
        let blocked = watch.blocked();
        if let Some(seen) = blocked.into_iter().find(|it| it.name == "watch.held") {
            break seen;
        }
        assert!(Instant::now() < until, "the thread was never seen");
        thread::yield_now();
    };
    assert_eq!((seen.kind, seen.thread.as_str()), ("job", "held"));
    release.send(()).unwrap();
    held.unwrap().join().unwrap();
    assert!(watch.blocked().iter().all(|it| it.name != "watch.held"));
    assert!(culprit(&watch, "watch.held").is_some());
}

#[cfg(all(feature = "stacks", target_os = "linux"))]
#[test]
fn the_stack_of_a_long_poll_names_the_function_that_blocks() {
    #[inline(never)]
    fn the_function_that_blocks() {
        block_for(Duration::from_millis(300));
    }
    let watch = PollWatch::start(LIMIT).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let until = Instant::now() + PATIENCE;
    loop {
        let blocks = Label::job("watch.stack").scope(async { the_function_that_blocks() });
        runtime.block_on(blocks);
        let stack = culprit(&watch, "watch.stack").unwrap().stack;
        if stack
            .iter()
            .any(|line| line.contains("the_function_that_blocks"))
        {
            return;
        }
        assert!(
            Instant::now() < until,
            "the stack does not name it: {stack:#?}"
        );
    }
}

#[tokio::test]
async fn nothing_is_watched_after_the_watch_has_ended() {
    let watch = PollWatch::start(LIMIT).unwrap();
    drop(watch);
    let later = PollWatch::start(Duration::from_secs(3_600)).unwrap();
    Label::job("watch.after")
        .scope(async { block_for(BLOCK) })
        .await;
    assert_eq!(culprit(&later, "watch.after"), None);
}

#[test]
fn a_limit_out_of_its_bounds_is_refused_with_the_allowed_range() {
    for limit in [
        Duration::ZERO,
        Duration::from_micros(999),
        Duration::from_secs(3_601),
    ] {
        let refused = PollWatch::start(limit).unwrap_err();
        assert!(matches!(
            refused,
            DiagnosticsError::Option {
                option: "poll_limit",
                ..
            }
        ));
        assert!(refused.to_string().contains("1 ms to 1 h"), "{refused}");
    }
}
