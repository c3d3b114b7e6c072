//! What a job may count on, and what may be set on a pool.

use std::{sync::Arc, sync::Barrier, thread};

use purlin_base::Context;
use purlin_runtime::{CpuPool, cpu::CpuPoolError};

use crate::gate::small_pool;

#[tokio::test]
async fn a_job_runs_on_a_thread_of_the_pool_and_gives_back_its_answer() {
    let pool = CpuPool::builder().threads(1).name("hash").build().unwrap();
    let name = pool.run("name", || thread::current().name().map(str::to_owned));
    assert_eq!(name.await.unwrap().as_deref(), Some("hash-0"));
}

#[tokio::test]
async fn a_job_runs_in_the_context_of_its_caller() {
    let pool = small_pool(1);
    let context = Context::builder().request_id("r-7").build();
    let who = || Context::with_current(|context| context.request_id().to_owned());
    let called = context.sync_scope(|| pool.run("who", who));
    // Awaited outside the scope: the context is that of the call.
    assert_eq!(called.await.unwrap().as_deref(), Some("r-7"));
    let next = pool.run("who", || Context::current().is_none());
    assert!(next.await.unwrap(), "a context leaked into the next job");
}

#[tokio::test]
async fn as_many_jobs_run_at_once_as_there_are_threads() {
    let pool = CpuPool::builder().threads(3).build().unwrap();
    let meet = Arc::new(Barrier::new(3));
    let jobs = [(); 3].map(|()| {
        let meet = Arc::clone(&meet);
        purlin_runtime::spawn(pool.run("meet", move || meet.wait().is_leader()))
    });
    let mut leaders = 0;
    for job in jobs {
        leaders += usize::from(job.await.unwrap().unwrap());
    }
    assert_eq!(leaders, 1);
}

#[tokio::test]
async fn nothing_counts_as_running_once_its_answer_is_there() {
    let pool = small_pool(1);
    for _ in 0..100 {
        pool.run("nothing", || ()).await.unwrap();
        assert_eq!((pool.running(), pool.queued()), (0, 0));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_threads_of_a_pool_stand_back_as_far_as_was_asked_and_no_other_does() {
    // The 19th field of the line, the 17th after the name in parentheses.
    let niceness = || -> i32 {
        let line = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let fields = line.rsplit_once(')').unwrap().1.split_whitespace();
        fields
            .skip(16)
            .map(|field| field.parse().unwrap())
            .next()
            .unwrap()
    };
    let before = niceness();
    let as_any = CpuPool::builder().threads(1).build().unwrap();
    let last = CpuPool::builder().threads(1).niceness(19).build().unwrap();
    assert_eq!(last.run("read", niceness).await.unwrap(), 19);
    assert_eq!(as_any.run("read", niceness).await.unwrap(), before);
    assert_eq!(niceness(), before);
}

#[test]
fn options_out_of_bounds_are_refused_with_the_bounds() {
    let refused = |builder: purlin_runtime::cpu::CpuPoolBuilder| {
        let error = builder.build().unwrap_err();
        assert!(matches!(error, CpuPoolError::Option { .. }));
        error.to_string()
    };
    let pool = CpuPool::builder;
    assert_eq!(
        refused(pool().threads(0)),
        "`threads` of the CPU pool is 0, expected 1 to 1024"
    );
    assert_eq!(
        refused(pool().queue_max(0)),
        "`queue_max` of the CPU pool is 0, expected 1 to 1048576"
    );
    assert_eq!(
        refused(pool().name("a\0b")),
        r#"`name` of the CPU pool is "a\0b", expected 1 to 64 bytes, none of them NUL"#
    );
    assert_eq!(
        refused(pool().niceness(20)),
        "`niceness` of the CPU pool is 20, expected 0 to 19"
    );
    refused(pool().threads(1_025));
    refused(pool().queue_max(1_048_577));
    refused(pool().name(""));
}

#[test]
fn the_defaults_are_those_that_are_documented() {
    let pool = CpuPool::builder().build().unwrap();
    let cores = thread::available_parallelism().unwrap().get();
    assert_eq!((pool.threads(), pool.queue_max()), (cores, 1_024));
}
