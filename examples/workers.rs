//! Worker threads: a conversation, a pool with a state, and a process for what may crash.
//!
//! Each shows a mistake being caught: a full inbox, a panic, a job that never ends, a stack that
//! overflows. `cargo run -p purlin-examples --example workers`
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::{collections::HashMap, error::Error, hint::black_box, time::Duration};

use purlin::runtime::worker::{
    PostError, Worker, WorkerEvent, WorkerPool, WorkerPoolError, WorkerPort,
    process::{self, ProcessPool, ProcessTask},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What is computed in another process. The stack grows with `levels`.
const DEPTH: ProcessTask<u64, u64> = ProcessTask::new("depth", depth);

fn depth(levels: u64) -> u64 {
    let room = black_box([levels; 64]);
    match levels {
        0 => 0,
        _ => 1 + depth(room[7] - 1),
    }
}

/// A thread of its own that counts words, and says each one that is new.
async fn conversation() -> Outcome<Vec<String>> {
    let builder = Worker::builder("words").inbox_max(2);
    let mut worker = builder.spawn(HashMap::new(), |mut seen: HashMap<String, u32>, port| {
        while let Some(word) = port.recv() {
            let times = seen.entry(word).or_default();
            *times += 1;
            port.post(*times)?;
        }
        Ok(())
    })?;
    let mut story = Vec::new();
    for word in ["to", "be", "or", "not", "to", "be"] {
        // Waits while two words wait: the caller is held back, nothing piles up.
        worker.post(word.to_owned()).await?;
    }
    worker.close_inbox();
    while let Some(event) = worker.next_event().await {
        story.push(match event {
            WorkerEvent::Online => "online".to_owned(),
            WorkerEvent::Message(times) => format!("seen {times}"),
            WorkerEvent::Error(error) => format!("error: {error}"),
            WorkerEvent::Exit(exit) => format!("exit {}", exit.code()),
        });
    }
    Ok(story)
}

/// The mistake: messages without a bound. Here the sender is told.
async fn full_inbox() -> Outcome<bool> {
    let builder = Worker::builder("asleep").inbox_max(1);
    let worker = builder.spawn((), |(), port: &mut WorkerPort<u8, ()>| {
        while !port.stop().is_stopped() {
            std::thread::yield_now();
        }
        Ok(())
    })?;
    let sender = worker.sender().ok_or("the inbox is open")?;
    sender.try_post(1)?;
    let full = matches!(sender.try_post(2), Err(PostError::Full(2)));
    worker.terminate(Duration::from_secs(10)).await?;
    Ok(full)
}

/// A pool whose threads keep a state: a panic costs one job, and the half-changed state is gone.
async fn pool_with_a_state() -> Outcome<[String; 3]> {
    let pool = WorkerPool::builder("counter").threads(1).build(|| 0_u32)?;
    let count = |count: &mut u32, _: &_| {
        *count += 1;
        *count
    };
    let before = pool.run("count", count).await?;
    let panicked = pool.run("fault", |count, _| -> u32 {
        *count = u32::MAX;
        panic!("half-way")
    });
    let Err(error @ WorkerPoolError::Panicked { .. }) = panicked.await else {
        return Err("it panicked".into());
    };
    let after = pool.run("count", count).await?;
    pool.close(Duration::from_secs(10)).await?;
    Ok([before.to_string(), error.to_string(), after.to_string()])
}

/// What no thread can contain, in a process: the next job does not notice.
async fn process_that_crashes(args: &[&str]) -> Outcome<[String; 3]> {
    let builder = ProcessPool::builder(&DEPTH).processes(1).args(args);
    let pool = builder.memory_bytes_max(256 << 20).build()?;
    let before = pool.run(&10).await?;
    let Err(error) = pool.run(&u64::MAX).await else {
        return Err("no stack is that deep".into());
    };
    let after = pool.run(&20).await?;
    pool.close(Duration::from_secs(10)).await;
    Ok([before.to_string(), error.to_string(), after.to_string()])
}

fn main() -> Outcome<()> {
    // First of all: in a process that was started as a worker, this serves it and never returns.
    process::entry(&[&DEPTH]);

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        println!("a conversation: {:?}", conversation().await?);
        println!("a full inbox is said: {}", full_inbox().await?);
        println!("a pool with a state: {:?}", pool_with_a_state().await?);
        println!("a process: {:?}", process_that_crashes(&[]).await?);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_come_between_online_and_exit() {
        let story = conversation().await.unwrap();
        let seen = ["seen 1", "seen 1", "seen 1", "seen 1", "seen 2", "seen 2"];
        assert_eq!(story[0], "online");
        assert_eq!(story[1..7], seen);
        assert_eq!(story[7], "exit 0");
    }

    #[tokio::test]
    async fn a_full_inbox_is_said() {
        assert!(full_inbox().await.unwrap());
    }

    #[tokio::test]
    async fn a_panic_takes_its_state_with_it() {
        let [before, error, after] = pool_with_a_state().await.unwrap();
        assert_eq!((before.as_str(), after.as_str()), ("1", "1"));
        assert_eq!(error, "the job `fault` panicked: half-way");
    }

    #[tokio::test]
    async fn a_stack_that_overflows_is_one_failed_job() {
        // In a test there is no `main` of ours: the process runs this very test, whose first line
        // serves it.
        process::entry(&[&DEPTH]);
        let this = "tests::a_stack_that_overflows_is_one_failed_job";
        let told = process_that_crashes(&["--exact", this, "--nocapture"]).await;
        let [before, error, after] = told.unwrap();
        assert_eq!((before.as_str(), after.as_str()), ("10", "20"));
        assert_eq!(error, "the process of the job `depth` overflowed its stack");
    }
}
