//! The one thread that starts processes.
//!
//! A process that dies with its parent dies, on Linux, with the *thread* that started it. Threads
//! of a runtime come and go; this one stays as long as the program.

use std::{
    io,
    sync::{Mutex, PoisonError},
    thread,
};

use tokio::{
    process::{Child, Command},
    runtime::Handle,
    sync::{mpsc, oneshot},
};

struct Order {
    command: Command,
    runtime: Handle,
    answer: oneshot::Sender<io::Result<Child>>,
}

/// Processes that are asked for at once, beyond which those who ask wait.
const ORDERS_MAX: usize = 64;

static SPAWNER: Mutex<Option<mpsc::Sender<Order>>> = Mutex::new(None);

/// Starts a process.
pub(super) async fn start(command: Command) -> io::Result<Child> {
    let (answer, answered) = oneshot::channel();
    let runtime = Handle::current();
    let order = Order {
        command,
        runtime,
        answer,
    };
    let gone = || io::Error::other("the thread that starts processes has ended");
    spawner()?.send(order).await.map_err(|_closed| gone())?;
    answered.await.unwrap_or_else(|_dropped| Err(gone()))
}

fn spawner() -> io::Result<mpsc::Sender<Order>> {
    let mut spawner = SPAWNER.lock().unwrap_or_else(PoisonError::into_inner);
    match &*spawner {
        Some(running) => Ok(running.clone()),
        None => Ok(spawner.insert(begin()?).clone()),
    }
}

fn begin() -> io::Result<mpsc::Sender<Order>> {
    let (orders, mut ordered) = mpsc::channel(ORDERS_MAX);
    let thread = thread::Builder::new().name("spawner".into());
    thread.spawn(move || {
        while let Some(order) = ordered.blocking_recv() {
            let Order {
                mut command,
                runtime,
                answer,
            } = order;
            let _in_runtime = runtime.enter();
            // A child that nobody waits for any more is killed by its own drop.
            let _ = answer.send(command.spawn());
        }
    })?;
    Ok(orders)
}
