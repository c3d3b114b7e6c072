//! A thread that is spoken with by messages.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

use purlin_base::{BoxError, Classified};
use purlin_runtime::worker::{
    PostError, Worker, WorkerBuildError, WorkerEvent, WorkerExit, WorkerFailure, WorkerPort,
    WorkerStillRunning,
};

/// All that a worker tells, in a form that can be compared.
async fn story<In>(worker: &mut Worker<In, u32>) -> Vec<String> {
    let mut story = Vec::new();
    while let Some(event) = worker.next_event().await {
        story.push(match event {
            WorkerEvent::Online => "online".to_owned(),
            WorkerEvent::Message(number) => number.to_string(),
            WorkerEvent::Error(error) => error.to_string(),
            WorkerEvent::Exit(exit) => format!("exit {}", exit.code()),
        });
    }
    story
}

#[tokio::test]
async fn a_worker_is_online_sends_its_messages_and_exits_in_this_order() {
    let mut worker = Worker::spawn("counter", 3, |upto, port: &mut WorkerPort<(), u32>| {
        for number in 0..upto {
            port.post(number)?;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(
        story(&mut worker).await,
        ["online", "0", "1", "2", "exit 0"]
    );
    assert!(
        worker.next_event().await.is_none(),
        "nothing after the exit"
    );
}

#[tokio::test]
async fn messages_of_a_worker_that_has_ended_come_before_its_exit() {
    let mut worker = Worker::spawn("early", (), |(), port: &mut WorkerPort<(), u32>| {
        port.post(7)?;
        Err("on purpose".into())
    })
    .unwrap();
    let ended = worker.terminate(Duration::from_secs(20)).await;
    assert!(ended.is_ok(), "it has ended before anybody listened");
    let story = story(&mut worker).await;
    assert_eq!(story[..2], ["online", "7"]);
    assert!(story.last().unwrap().starts_with("exit 1"), "{story:?}");
}

#[tokio::test]
async fn an_error_that_is_returned_is_an_event_with_its_cause() {
    let mut worker = Worker::<(), u32>::spawn("parser", (), |(), _| {
        let number: u32 = "seven".parse()?;
        unreachable!("{number}")
    })
    .unwrap();
    worker.next_event().await.unwrap();
    let Some(WorkerEvent::Error(error)) = worker.next_event().await else {
        panic!("it failed");
    };
    assert_eq!(error.to_string(), "the worker `parser` failed");
    assert_eq!(error.code(), "WORKER_FAILED");
    let cause = std::error::Error::source(&error).unwrap();
    assert!(cause.is::<std::num::ParseIntError>(), "{cause}");
    assert_eq!(story(&mut worker).await, ["exit 1"]);
}

#[tokio::test]
async fn a_panic_is_an_event_with_its_message_and_place() {
    let mut worker = Worker::<(), u32>::spawn("faulty", (), |(), _| panic!("no {}", 7)).unwrap();
    worker.next_event().await.unwrap();
    let Some(WorkerEvent::Error(error)) = worker.next_event().await else {
        panic!("it panicked");
    };
    assert_eq!(error.code(), "WORKER_PANICKED");
    let WorkerFailure::Panicked {
        worker: name,
        message,
        place,
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!((name.as_str(), message.as_str()), ("faulty", "no 7"));
    assert!(place.unwrap().contains("tests/it/worker.rs:"));
    assert_eq!(story(&mut worker).await, ["exit 1"]);
}

#[tokio::test]
async fn what_is_sent_is_moved_and_not_copied() {
    let mut worker = Worker::<Vec<u8>, Vec<u8>>::spawn("mirror", (), |(), port| {
        while let Some(bytes) = port.recv() {
            port.post(bytes)?;
        }
        Ok(())
    })
    .unwrap();
    let bytes = vec![1; 1_000];
    let address = bytes.as_ptr() as usize;
    worker.post(bytes).await.unwrap();
    worker.close_inbox();
    worker.next_event().await.unwrap();
    let Some(WorkerEvent::Message(back)) = worker.next_event().await else {
        panic!("it comes back");
    };
    assert_eq!(back.as_ptr() as usize, address);
    assert!(
        worker.post(Vec::new()).await.is_err(),
        "the inbox is closed"
    );
}

#[tokio::test]
async fn a_worker_that_waits_for_messages_ends_when_it_is_asked_to_stop() {
    let mut worker = Worker::<Infallible, u32>::spawn("idle", (), |(), port| {
        assert!(port.recv().is_none());
        assert!(port.stop().is_stopped());
        Ok(())
    })
    .unwrap();
    let exit = worker.terminate(Duration::from_secs(20)).await;
    assert_eq!(exit, Ok(WorkerExit::Terminated));
    assert_eq!(story(&mut worker).await, ["online", "exit 1"]);
}

#[tokio::test]
async fn a_worker_whose_messages_nobody_takes_ends_when_it_is_asked_to_stop() {
    let (tell, told) = mpsc::channel();
    let builder = Worker::builder("talker").outbox_max(1);
    let worker = builder
        .spawn((), move |(), port: &mut WorkerPort<(), u32>| {
            port.post(1)?;
            tell.send(port.try_post(2))?;
            tell.send(port.post(3))?; // Waits until it is asked.
            Ok(())
        })
        .unwrap();
    assert_eq!(told.recv().unwrap(), Err(PostError::Full(2)));
    let exit = worker.terminate(Duration::from_secs(20)).await;
    assert_eq!(exit, Ok(WorkerExit::Terminated));
    assert_eq!(told.recv().unwrap(), Err(PostError::Closed(3)));
}

#[tokio::test]
async fn a_full_inbox_refuses_who_does_not_wait() {
    let (go_on, goes_on) = mpsc::channel::<()>();
    let builder = Worker::builder("slow").inbox_max(1);
    let mut worker = builder
        .spawn((), move |(), port: &mut WorkerPort<u32, u32>| {
            goes_on.recv()?;
            while let Some(number) = port.recv() {
                port.post(number)?;
            }
            Ok(())
        })
        .unwrap();
    let sender = worker.sender().unwrap();
    sender.try_post(1).unwrap();
    let refused = sender.try_post(2).unwrap_err();
    assert_eq!(refused, PostError::Full(2));
    assert_eq!(refused.into_message(), 2);
    go_on.send(()).unwrap();
    sender.post(3).await.unwrap();
    drop(sender);
    worker.close_inbox();
    assert_eq!(story(&mut worker).await, ["online", "1", "3", "exit 0"]);
}

/// The clock of the test jumps when nothing else can go on, so nobody waits.
#[tokio::test(start_paused = true)]
async fn a_worker_that_loops_without_asking_is_said_to_run_on() {
    let (release, begun) = (Arc::new(AtomicBool::new(false)), mpsc::channel());
    let released = Arc::clone(&release);
    let worker = Worker::<(), ()>::spawn("stuck", begun.0, move |begun, _| {
        begun.send(())?;
        while !released.load(SeqCst) {
            thread::yield_now();
        }
        Ok(())
    })
    .unwrap();
    begun.1.recv().unwrap();
    let within = Duration::from_secs(5);
    let error = worker.terminate(within).await.unwrap_err();
    let stuck = "stuck".to_owned();
    let expected = WorkerStillRunning {
        worker: stuck,
        within,
    };
    assert_eq!(error, expected);
    assert_eq!(error.code(), "WORKER_STILL_RUNNING");
    release.store(true, SeqCst);
}

#[tokio::test]
async fn a_worker_that_is_dropped_is_asked_to_stop() {
    let (tell, told) = mpsc::channel();
    let worker = Worker::<Infallible, ()>::spawn("orphan", (), move |(), port| {
        assert!(port.recv().is_none());
        tell.send(port.stop().check())?;
        Ok(())
    })
    .unwrap();
    drop(worker);
    assert!(told.recv().unwrap().is_err());
}

#[tokio::test]
async fn a_worker_that_talks_to_nobody_is_told_so() {
    let (tell, told) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel::<()>();
    let worker = Worker::spawn("talker", (), move |(), port: &mut WorkerPort<(), u32>| {
        goes_on.recv()?;
        tell.send(port.try_post(1))?;
        Ok(())
    })
    .unwrap();
    drop(worker);
    go_on.send(()).unwrap();
    assert_eq!(told.recv().unwrap(), Err(PostError::Closed(1)));
}

#[tokio::test]
async fn a_thread_has_its_name_and_the_stack_that_was_asked_for() {
    fn deep(levels: u32) -> u64 {
        let room = std::hint::black_box([1_u8; 16 * 1024]);
        match levels {
            0 => 0,
            _ => u64::from(room[7]) + deep(levels - 1),
        }
    }
    let builder = Worker::builder("deep").stack_bytes(64 << 20);
    let mut worker = builder
        .spawn((), |(), port: &mut WorkerPort<(), String>| {
            assert_eq!(deep(1_000), 1_000, "16 MB do not fit in a usual stack");
            port.post(thread::current().name().unwrap_or_default().to_owned())?;
            Ok(())
        })
        .unwrap();
    assert_eq!(worker.name(), "deep");
    worker.next_event().await.unwrap();
    let Some(WorkerEvent::Message(name)) = worker.next_event().await else {
        panic!("it says its name");
    };
    assert_eq!(name, "deep");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_thread_stays_on_its_core() {
    let allowed = allowed_cores();
    let core = allowed.split([',', '-']).next().unwrap().to_owned();
    let builder = Worker::builder("pinned").core(core.parse().unwrap());
    let mut worker = builder
        .spawn((), |(), port: &mut WorkerPort<(), String>| {
            port.post(allowed_cores())?;
            Ok(())
        })
        .unwrap();
    worker.next_event().await.unwrap();
    let Some(WorkerEvent::Message(pinned)) = worker.next_event().await else {
        panic!("it says its cores");
    };
    assert_eq!(pinned, core);
    assert_eq!(allowed_cores(), allowed, "this thread keeps its own");
}

#[cfg(target_os = "linux")]
fn allowed_cores() -> String {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let cores = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    cores.unwrap().trim().to_owned()
}

#[test]
fn options_out_of_their_bounds_are_refused_with_what_is_allowed() {
    let nothing = |(), _: &mut WorkerPort<(), ()>| -> Result<(), BoxError> { Ok(()) };
    let refused = |builder: purlin_runtime::worker::WorkerBuilder| {
        let error = builder.spawn((), nothing).unwrap_err();
        assert_eq!(error.code(), "WORKER_OPTION");
        error.to_string()
    };
    let builder = || Worker::builder("w");
    assert_eq!(
        refused(builder().inbox_max(0)),
        "`inbox_max` of the worker is 0, expected 1 to 65536"
    );
    assert_eq!(
        refused(builder().core(100_000)),
        "`core` of the worker is 100000, expected a core that this process may use, on Linux"
    );
    refused(builder().outbox_max(65_537));
    refused(builder().stack_bytes(1));
    refused(builder().niceness(20));
    refused(Worker::builder("a\0b"));
    assert!(matches!(
        Worker::builder("").spawn((), nothing),
        Err(WorkerBuildError::Option { option: "name", .. })
    ));
}
