//! Work in other processes, which may do their worst.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what a process says on its own outputs is a part of the test"
)]

use std::{
    fs, hint,
    io::{Read, Write},
    os::{
        fd::OwnedFd,
        unix::net::{UnixListener, UnixStream},
    },
    process::{self as system, Command, Stdio},
    time::{Duration, Instant},
};

use purlin_base::{
    Classified, Context,
    lifecycle::{Lifecycle, StopReason},
};
use purlin_runtime::worker::process::{
    self, Crash, LAST_WORDS_BYTES_MAX, ProcessError, ProcessPool, ProcessPoolBuilder, ProcessTask,
};
use serde::{Deserialize, Serialize};

use crate::gate::poll_once;

const TROUBLE: ProcessTask<Trouble, String> = ProcessTask::new("trouble", trouble);

/// What a task is asked to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Trouble {
    Echo(String),
    Number,
    Panic,
    Abort(String),
    Overflow,
    Eat,
    Spin,
    Exit(i32),
    Answer(usize),
    Talk(usize),
    Environment,
    Descriptors,
    Limits,
    ReadInput,
    /// Connects to the socket, and never ends.
    Hang(String),
    /// As `Hang`, and so does a process that it has started.
    HangBelow(String),
}

fn trouble(trouble: Trouble) -> String {
    match trouble {
        Trouble::Echo(text) => text,
        Trouble::Number => system::id().to_string(),
        Trouble::Panic => panic!("on purpose"),
        Trouble::Abort(words) => {
            eprint!("{words}");
            system::abort()
        }
        Trouble::Overflow => deep(1).to_string(),
        Trouble::Eat => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(vec![1_u8; 1 << 20]);
                hint::black_box(&hoard);
            }
        }
        Trouble::Spin => loop {
            hint::spin_loop();
        },
        Trouble::Exit(code) => system::exit(code),
        Trouble::Answer(bytes) => "x".repeat(bytes),
        Trouble::Talk(lines) => {
            for line in 0..lines {
                println!("{line} is said on standard output");
                eprintln!("{line} is said on standard error");
            }
            "said".to_owned()
        }
        Trouble::Environment => {
            let lines = std::env::vars().map(|(name, value)| format!("{name}={value}\n"));
            lines.collect()
        }
        Trouble::Descriptors => fs::read_dir("/proc/self/fd").unwrap().count().to_string(),
        Trouble::Limits => fs::read_to_string("/proc/self/limits").unwrap(),
        Trouble::ReadInput => std::io::read_to_string(std::io::stdin()).unwrap(),
        Trouble::Hang(socket) => {
            let _socket = alive(&socket);
            loop {
                hint::spin_loop();
            }
        }
        Trouble::HangBelow(socket) => {
            let socket = alive(&socket);
            let status = Command::new("/bin/sleep")
                .arg("600")
                .stdin(OwnedFd::from(socket))
                .status();
            format!("{status:?}")
        }
    }
}

/// Says that it is at work. The socket is open as long as somebody lives who has it.
fn alive(socket: &str) -> UnixStream {
    let mut socket = UnixStream::connect(socket).unwrap();
    writeln!(socket, "alive").unwrap();
    socket
}

fn deep(level: u64) -> u64 {
    let room = hint::black_box([level; 64]);
    match hint::black_box(level) {
        0 => 0,
        _ => room[7] + deep(level + 1),
    }
}

/// Where the tests of this file are in a process that was started as a worker: the same binary,
/// asked to run this one test.
#[test]
fn the_entry_returns_at_once_in_a_process_that_is_no_worker() {
    let begin = Instant::now();
    process::entry(&[&TROUBLE]);
    assert!(begin.elapsed() < Duration::from_secs(20));
}

fn pool() -> ProcessPoolBuilder<Trouble, String> {
    let entry = "process::the_entry_returns_at_once_in_a_process_that_is_no_worker";
    let arguments = ["--exact", entry, "--nocapture"];
    let builder = ProcessPool::builder(&TROUBLE).processes(1);
    builder.args(arguments).time_max(Duration::from_secs(60))
}

/// Has `trouble` done, and checks that the next job is not hurt and what became of the process.
async fn error_of(pool: &ProcessPool<Trouble, String>, trouble: Trouble) -> ProcessError {
    let started = pool.started();
    let error = pool.run(&trouble).await.unwrap_err();
    let next = pool.run(&Trouble::Echo("next".into())).await;
    assert_eq!(next.unwrap(), "next", "after {trouble:?}");
    assert_eq!(pool.running(), 0);
    assert!(pool.started() > started, "it was replaced");
    error
}

fn crash(error: &ProcessError) -> Crash {
    match error {
        ProcessError::Crashed { crash, .. } => *crash,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_job_is_done_in_another_process_which_is_kept_for_the_next() {
    let pool = pool().build().unwrap();
    let number = pool.run(&Trouble::Number).await.unwrap();
    assert_ne!(number, system::id().to_string());
    let text = "ä \"\u{0}\u{1f600}".repeat(10_000);
    let echo = pool.run(&Trouble::Echo(text.clone())).await.unwrap();
    assert_eq!(echo, text);
    assert_eq!(pool.try_run(&Trouble::Number).await.unwrap(), number);
    assert_eq!(pool.started(), 1);
}

#[tokio::test]
async fn a_panic_is_an_error_with_its_message_and_place() {
    let pool = pool().build().unwrap();
    let error = error_of(&pool, Trouble::Panic).await;
    assert_eq!(error.code(), "WORKER_PROCESS_PANICKED");
    let ProcessError::Panicked { message, place, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(message, "on purpose");
    assert!(place.unwrap().contains("tests/it/process.rs:"));
}

#[tokio::test]
async fn an_abort_is_an_error_with_its_last_words() {
    let pool = pool().build().unwrap();
    let words = format!("{}the end", "x".repeat(LAST_WORDS_BYTES_MAX));
    let error = error_of(&pool, Trouble::Abort(words)).await;
    assert_eq!(error.code(), "WORKER_PROCESS_ABORTED");
    let ProcessError::Crashed {
        crash, last_words, ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(crash, Crash::Aborted);
    assert!(last_words.ends_with("xthe end"), "{last_words}");
    assert_eq!(last_words.len(), LAST_WORDS_BYTES_MAX);
}

#[tokio::test]
async fn a_stack_that_overflows_is_an_error() {
    let pool = pool().build().unwrap();
    let error = error_of(&pool, Trouble::Overflow).await;
    assert_eq!(crash(&error), Crash::StackOverflow, "{error:?}");
    assert_eq!(error.code(), "WORKER_PROCESS_STACK_OVERFLOW");
}

#[tokio::test]
async fn memory_beyond_the_limit_is_an_error() {
    let pool = pool().memory_bytes_max(128 << 20).build().unwrap();
    let error = error_of(&pool, Trouble::Eat).await;
    assert_eq!(crash(&error), Crash::OutOfMemory, "{error:?}");
    assert_eq!(error.code(), "WORKER_PROCESS_OUT_OF_MEMORY");
}

#[tokio::test]
async fn cpu_time_beyond_the_limit_is_an_error() {
    let pool = pool().cpu_time_max(Duration::from_secs(1)).build().unwrap();
    let error = error_of(&pool, Trouble::Spin).await;
    assert_eq!(crash(&error), Crash::CpuLimit, "{error:?}");
    assert_eq!(error.code(), "WORKER_PROCESS_CPU_LIMIT");
}

#[tokio::test]
async fn an_exit_is_an_error_with_its_code() {
    let pool = pool().build().unwrap();
    for code in [0, 3] {
        let error = error_of(&pool, Trouble::Exit(code)).await;
        assert_eq!(crash(&error), Crash::Exited(code), "{error:?}");
    }
}

#[tokio::test]
async fn a_job_that_never_ends_is_killed_at_its_limit() {
    let limit = Duration::from_millis(100);
    let endless = pool().time_max(limit).build().unwrap();
    let error = endless.run(&Trouble::Spin).await.unwrap_err();
    assert!(matches!(error, ProcessError::TimeLimit { limit: l, .. } if l == limit));
    assert_eq!(error.code(), "WORKER_PROCESS_TIME_LIMIT");
    assert_eq!(endless.running(), 0);
}

#[tokio::test]
async fn the_deadline_of_the_context_kills_too() {
    let pool = pool().build().unwrap();
    pool.run(&Trouble::Number).await.unwrap(); // It is ready, so that the job begins.
    let deadline = Instant::now() + Duration::from_millis(100);
    let context = Context::builder().deadline(deadline).build();
    let late = context.scope(async { pool.run(&Trouble::Spin).await });
    let error = late.await.unwrap_err();
    assert!(
        matches!(error, ProcessError::Timeout { begun: true, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn messages_are_bounded_both_ways() {
    let pool = pool().message_bytes_max(1_024).build().unwrap();
    let long = Trouble::Echo("x".repeat(2_000));
    let error = pool.run(&long).await.unwrap_err();
    assert!(
        matches!(
            error,
            ProcessError::TooLong {
                what: "input",
                bytes_max: 1_024,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(pool.started(), 0, "it was not even begun");
    let error = error_of(&pool, Trouble::Answer(2_000)).await;
    assert!(
        matches!(
            error,
            ProcessError::TooLong {
                what: "answer",
                bytes: 2_002,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_a_task_prints_does_not_come_between() {
    let pool = pool().build().unwrap();
    // More than the pipe holds.
    let said = pool.run(&Trouble::Talk(10_000)).await;
    assert_eq!(said.unwrap(), "said");
    assert_eq!(pool.run(&Trouble::ReadInput).await.unwrap(), "");
    assert_eq!(pool.started(), 1);
}

#[tokio::test]
async fn a_process_has_only_what_was_named_for_it() {
    let pool = pool().env("NAMED", "yes").inherit_env("PATH");
    let pool = pool.inherit_env("NOT_THERE").build().unwrap();
    let environment = pool.run(&Trouble::Environment).await.unwrap();
    let named = ["NAMED=yes", "PATH=", "PURLIN_PROCESS_WORKER"];
    for name in named {
        assert!(environment.contains(name), "{environment}");
    }
    for line in environment.lines() {
        assert!(named.iter().any(|name| line.starts_with(name)), "{line}");
    }
    let descriptors = pool.run(&Trouble::Descriptors).await.unwrap();
    assert_eq!(descriptors, "5", "three, the socket, and the list itself");
    let limits = pool.run(&Trouble::Limits).await.unwrap();
    let limit = |name| limits.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(limit("Max address space").contains("536870912"), "{limits}");
    assert!(limit("Max core file size").contains(" 0 "), "{limits}");
}

/// Says to the test below, in a process of its own, that it was given more than it should.
const GIVEN: &str = "PURLIN_TEST_GIVEN";

#[test]
fn descriptors_that_were_left_open_are_closed_unless_they_are_named() {
    let this = "process::descriptors_that_were_left_open_are_closed_unless_they_are_named";
    if std::env::var_os(GIVEN).is_none() {
        let careless = r#"exec 9</dev/null; exec "$@""#;
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", careless, "sh"]);
        shell.arg(std::env::current_exe().unwrap());
        let ended = shell
            .args(["--exact", this])
            .env(GIVEN, "1")
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
        return;
    }
    assert!(fs::exists("/proc/self/fd/9").unwrap(), "it was given");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let descriptors = |builder: ProcessPoolBuilder<Trouble, String>| {
        let pool = builder.build().unwrap();
        let descriptors = runtime.block_on(pool.run(&Trouble::Descriptors)).unwrap();
        descriptors.parse::<usize>().unwrap()
    };
    assert_eq!(descriptors(pool()), 5);
    assert!(descriptors(pool().inherit_descriptors()) > 5);
}

/// A socket that hears from a process whether it lives.
struct Lifeline {
    listener: UnixListener,
    path: String,
    _folder: tempfile::TempDir,
}

impl Lifeline {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("life").to_str().unwrap().to_owned();
        let listener = UnixListener::bind(&path).unwrap();
        Self {
            listener,
            path,
            _folder: folder,
        }
    }

    /// Waits until the process is at work.
    fn of_process(&self) -> UnixStream {
        let (tell, told) = std::sync::mpsc::channel();
        let listener = self.listener.try_clone().unwrap();
        std::thread::spawn(move || tell.send(listener.accept().unwrap().0));
        let mut line = told
            .recv_timeout(Duration::from_secs(30))
            .expect("it is at work");
        line.set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut byte = [0];
        while byte != *b"\n" {
            line.read_exact(&mut byte).unwrap();
        }
        line
    }
}

/// Waits until the process is gone; an error of the read is that it is not.
fn is_gone(mut line: UnixStream) -> bool {
    matches!(line.read(&mut [0]), Ok(0))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_whose_caller_goes_away_is_killed_with_what_it_has_started() {
    let pool = pool().build().unwrap();
    for below in [false, true] {
        let life = Lifeline::new();
        let job = match below {
            true => Trouble::HangBelow(life.path.clone()),
            false => Trouble::Hang(life.path.clone()),
        };
        let caller = pool.clone();
        let running = purlin_runtime::spawn(async move { caller.run(&job).await });
        let life = tokio::task::spawn_blocking(move || life.of_process());
        let life = life.await.unwrap();
        running.abort();
        assert!(running.await.is_err_and(|error| error.is_cancelled()));
        assert!(is_gone(life), "below: {below}");
    }
    let echo = pool.run(&Trouble::Echo("next".into())).await;
    assert_eq!(echo.unwrap(), "next");
}

#[test]
fn a_process_dies_with_its_parent_even_if_it_is_busy() {
    if let Ok(socket) = std::env::var(PARENT) {
        return be_the_parent(socket);
    }
    let life = Lifeline::new();
    let this = "process::a_process_dies_with_its_parent_even_if_it_is_busy";
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", this])
        .env(PARENT, &life.path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let line = life.of_process();
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert!(is_gone(line));
}

/// Says to this same test, in a process of its own, that it is the one to be killed.
const PARENT: &str = "PURLIN_TEST_PARENT";

fn be_the_parent(socket: String) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pool = pool().build().unwrap();
    let hung = runtime.block_on(pool.run(&Trouble::Hang(socket)));
    panic!("nobody killed it: {hung:?}");
}

#[tokio::test]
async fn a_queue_that_is_full_refuses_who_does_not_wait() {
    let pool = pool().queue_max(1).build().unwrap();
    let mut running = Box::pin(pool.run(&Trouble::Spin));
    let mut queued = Box::pin(pool.run(&Trouble::Spin));
    let mut held_back = Box::pin(pool.run(&Trouble::Spin));
    assert!(poll_once(&mut running).await.is_none());
    assert!(poll_once(&mut queued).await.is_none());
    assert!(poll_once(&mut held_back).await.is_none());
    let refused = pool.try_run(&Trouble::Number).await.unwrap_err();
    assert!(matches!(refused, ProcessError::Full { queue_max: 1 }));
    assert_eq!(refused.retry_after(), Some(ProcessError::RETRY_AFTER));
}

#[tokio::test]
async fn a_process_that_was_used_often_enough_is_replaced() {
    let pool = pool().jobs_max(2).build().unwrap();
    let mut numbers = Vec::new();
    for _ in 0..4 {
        numbers.push(pool.run(&Trouble::Number).await.unwrap());
    }
    assert_eq!(numbers[0], numbers[1]);
    assert_ne!(numbers[1], numbers[2]);
    assert_eq!(pool.started(), 2);
}

#[tokio::test]
async fn a_process_that_died_while_nobody_looked_is_replaced() {
    let pool = pool().build().unwrap();
    let number = pool.run(&Trouble::Number).await.unwrap();
    let killed = Command::new("kill").args(["-9", &number]).status().unwrap();
    assert!(killed.success());
    // It is dead when all its threads are gone; what is left is for us to wait for.
    let is_dead = || {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap();
        let threads = fs::read_dir(format!("/proc/{number}/task")).unwrap();
        stat.contains(") Z ") && threads.count() == 1
    };
    while !is_dead() {
        std::thread::yield_now();
    }
    let next = pool.run(&Trouble::Number).await.unwrap();
    assert_ne!(next, number);
}

#[tokio::test]
async fn a_program_that_does_not_call_the_entry_is_said_to() {
    let deaf = ProcessPool::builder(&TROUBLE).program("/bin/true").build();
    let error = deaf.unwrap().run(&Trouble::Number).await.unwrap_err();
    assert!(
        error.to_string().contains("does `main` call `entry`"),
        "{error}"
    );
    assert_eq!(error.code(), "WORKER_PROCESS_NOT_READY");
    let none = ProcessPool::builder(&TROUBLE).program("/no/such/program");
    let error = none.build().unwrap().run(&Trouble::Number).await;
    assert_eq!(error.unwrap_err().code(), "WORKER_PROCESS_SPAWN");
}

#[tokio::test]
async fn a_task_that_the_entry_does_not_list_is_refused() {
    const STRANGER: ProcessTask<u32, u32> = ProcessTask::new("stranger", |number| number);
    let entry = "process::the_entry_returns_at_once_in_a_process_that_is_no_worker";
    let stranger = ProcessPool::builder(&STRANGER).args(["--exact", entry, "--nocapture"]);
    let error = stranger.build().unwrap().run(&7).await.unwrap_err();
    assert!(error.to_string().contains("does not list"), "{error}");
}

#[tokio::test]
async fn a_close_kills_what_does_not_end_in_time_and_refuses_the_rest() {
    let pool = pool().close_within(Duration::from_millis(1));
    let pool = pool.build().unwrap();
    pool.run(&Trouble::Number).await.unwrap();
    let caller = pool.clone();
    let endless = purlin_runtime::spawn(async move { caller.run(&Trouble::Spin).await });
    while pool.running() == 0 {
        tokio::task::yield_now().await;
    }
    let stopped = pool.on_application_shutdown(StopReason::Terminate).await;
    stopped.unwrap();
    assert!(matches!(endless.await.unwrap(), Err(ProcessError::Closed)));
    let late = pool.run(&Trouble::Number).await;
    assert!(matches!(late, Err(ProcessError::Closed)));
}

#[test]
fn options_out_of_their_bounds_are_refused() {
    let refused = |builder: ProcessPoolBuilder<Trouble, String>| {
        let error = builder.build().unwrap_err();
        assert_eq!(error.code(), "WORKER_OPTION");
        error.to_string()
    };
    assert_eq!(
        refused(pool().processes(0)),
        "`processes` of the worker is 0, expected 1 to 256"
    );
    refused(pool().queue_max(0));
    refused(pool().time_max(Duration::ZERO));
    refused(pool().cpu_time_max(Duration::from_millis(999)));
    refused(pool().memory_bytes_max(1));
    refused(pool().stack_bytes(1));
    refused(pool().message_bytes_max(1));
    refused(pool().jobs_max(0));
}
