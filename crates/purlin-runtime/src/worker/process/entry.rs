//! The process's side: from `main` to its end.

use std::{
    env,
    fs::File,
    io,
    os::{fd::AsFd, unix::net::UnixStream},
    process, thread,
};

use super::{
    descriptors::keep_the_standard_three,
    limits::{Start, VARIABLE},
    task::AnyTask,
    wire::{Kind, Reply, read_job, write_reply},
};

/// The exit code of a process that could not become a worker.
const REFUSED: i32 = 70;

/// Serves as a worker and never returns, if this process was started as one; else returns at once.
///
/// Call it first in `main`, before a runtime, a log or a database is begun: everything that comes
/// before it happens in each worker too. `tasks` are all that a pool of this program may ask for.
///
/// A task runs on one thread of its own, one job after another. Its standard input is empty, its
/// standard output goes nowhere, and of its standard error the end is kept for
/// [`ProcessError::Crashed`](super::ProcessError::Crashed). A program that a task starts must not be
/// given the variable `PURLIN_PROCESS_WORKER` if it is this same binary.
///
/// # Examples
///
/// ```
/// use purlin_runtime::worker::process::{self, ProcessTask};
///
/// const DOUBLE: ProcessTask<u32, u32> = ProcessTask::new("double", |number| number * 2);
///
/// process::entry(&[&DOUBLE]); // This is no worker: it returns.
/// ```
pub fn entry(tasks: &[&dyn AnyTask]) {
    let Some(start) = env::var_os(VARIABLE) else {
        return;
    };
    let start = start
        .to_str()
        .and_then(|start| serde_json::from_str(start).ok());
    let code = match start {
        Some(start) => begin(&start, tasks).unwrap_or(REFUSED),
        None => REFUSED,
    };
    process::exit(code);
}

fn begin(start: &Start, tasks: &[&dyn AnyTask]) -> io::Result<i32> {
    // First, since it may begin the process anew, with its standard input as it was.
    let alone = match start.inherits_descriptors {
        true => Ok(()),
        false => keep_the_standard_three(),
    };
    Ok(live(start, take_socket()?, tasks, alone))
}

/// The socket stands in for standard input, which is then empty for the code of the task.
fn take_socket() -> io::Result<UnixStream> {
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(UnixStream::from(socket))
}

fn live(
    start: &Start,
    mut socket: UnixStream,
    tasks: &[&dyn AnyTask],
    alone: Result<(), String>,
) -> i32 {
    let task = tasks.iter().find(|task| task.task_name() == start.task);
    let ready = match (task, alone.and_then(|()| start.take_limits())) {
        (Some(task), Ok(())) => Ok(task),
        (None, _) => Err("its `entry` does not list the task".to_owned()),
        (_, Err(words)) => Err(words),
    };
    match ready {
        Ok(task) => serve(start, socket, *task).map_or(REFUSED, |()| 0),
        Err(words) => {
            let _ = write_reply(&mut socket, &Reply::said(Kind::Refused, words));
            REFUSED
        }
    }
}

/// On a thread of its own, whose stack has a guard behind it: the stack of `main` grows until it
/// meets something, and then nobody can tell what has happened.
fn serve(start: &Start, mut socket: UnixStream, task: &dyn AnyTask) -> io::Result<()> {
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name(start.task.clone())
            .stack_size(start.stack_bytes);
        let serving = thread.spawn_scoped(scope, move || {
            write_reply(&mut socket, &Reply::said(Kind::Ready, ""))?;
            while let Some(job) = read_job(&mut socket, start.message_bytes_max)? {
                start.limit_cpu_of_job()?;
                let reply = bounded(task.answer(&job), start.message_bytes_max);
                write_reply(&mut socket, &reply)?;
            }
            Ok(())
        })?;
        serving
            .join()
            .unwrap_or_else(|_panic| Err(io::Error::other("the worker itself panicked")))
    })
}

fn bounded(reply: Reply, bytes_max: usize) -> Reply {
    match reply.payload.len() {
        length if length > bytes_max => Reply::said(Kind::TooLong, length),
        _ => reply,
    }
}
