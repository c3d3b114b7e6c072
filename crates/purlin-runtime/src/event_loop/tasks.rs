//! Local futures: async functions whose wakes are microtasks.
//!
//! A future that is woken by the thread of its loop is polled in the queue of microtasks, where a
//! promise reaction stands in Node. One that is woken from elsewhere (a socket, another thread) is
//! polled in the poll phase.

use std::{
    any::type_name,
    cell::{Cell, RefCell},
    collections::HashMap,
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use purlin_base::BoxError;
use tokio::task::unconstrained;

use super::{
    EventLoop, Origin, Raised,
    callback::Place,
    contain::{contain, quietly},
    core::Step,
    remote::{Message, Remote},
    ticks::Microtask,
    wake_flag::WakeFlag,
};

/// The local futures of a loop, by numbers that are never used again.
#[derive(Default)]
pub(super) struct Tasks {
    by_number: RefCell<HashMap<u64, Rc<Task>>>,
    next_number: Cell<u64>,
    /// Those that hold the loop.
    held: Cell<usize>,
}

type Work = Pin<Box<dyn Future<Output = Result<(), Raised>>>>;

struct Task {
    work: RefCell<Work>,
    waker: Waker,
    wake: Arc<TaskWake>,
    holds: Cell<bool>,
    place: Place,
    name: &'static str,
}

/// What a waker of a task does, on any thread.
pub(super) struct TaskWake {
    number: u64,
    queued: WakeFlag,
    remote: Arc<Remote>,
}

impl Wake for TaskWake {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.raise() {
            return;
        }
        let is_here = EventLoop::with_current(|current| {
            let is_here = Arc::ptr_eq(&current.core.remote, &self.remote);
            if is_here {
                current
                    .core
                    .jobs
                    .push_microtask(Microtask::Poll(self.number));
            }
            is_here
        });
        if is_here != Some(true) {
            self.remote.push_wake(self.number);
        }
    }
}

impl Tasks {
    pub(super) fn held(&self) -> usize {
        self.held.get()
    }

    pub(super) fn len(&self) -> usize {
        self.by_number.borrow().len()
    }

    pub(super) fn clear(&self) {
        let tasks = self.by_number.take();
        self.held.set(0);
        quietly(|| drop(tasks));
    }

    fn get(&self, number: u64) -> Option<Rc<Task>> {
        self.by_number.borrow().get(&number).cloned()
    }

    fn remove(&self, number: u64) {
        let task = self.by_number.borrow_mut().remove(&number);
        if let Some(task) = task {
            self.set_holds(&task, false);
            quietly(|| drop(task));
        }
    }

    fn set_holds(&self, task: &Task, holds: bool) {
        match (task.holds.replace(holds), holds) {
            (false, true) => self.held.set(self.held.get() + 1),
            (true, false) => self.held.set(self.held.get() - 1),
            _ => {}
        }
    }
}

impl EventLoop {
    /// Keeps a future, to be polled by its number.
    pub(super) fn begin_task(&self, work: Work, place: Place, name: &'static str) -> u64 {
        let number = self.next_task();
        let tasks = &self.core.tasks;
        tasks.next_number.set(number + 1);
        let wake = Arc::new(TaskWake {
            number,
            queued: WakeFlag::raised(),
            remote: Arc::clone(&self.core.remote),
        });
        let task = Task {
            work: RefCell::new(work),
            waker: Waker::from(Arc::clone(&wake)),
            wake,
            holds: Cell::new(false),
            place,
            name,
        };
        tasks.set_holds(&task, true);
        tasks.by_number.borrow_mut().insert(number, Rc::new(task));
        number
    }

    /// The number that the next task will have.
    pub(super) fn next_task(&self) -> u64 {
        self.core.tasks.next_number.get()
    }

    /// Polls the future of a task that was woken; nothing if it has ended.
    pub(super) fn poll_task(&self, number: u64, origin: Origin) -> Step {
        let Some(task) = self.core.tasks.get(number) else {
            return Ok(());
        };
        self.begin(origin, task.place, || task.name)?;
        Ok(self.poll_now(number, &task)?)
    }

    fn poll_now(&self, number: u64, task: &Task) -> Result<(), Raised> {
        task.wake.queued.lower();
        let mut cx = Context::from_waker(&task.waker);
        let polled = contain(|| Ok::<_, Raised>(task.work.borrow_mut().as_mut().poll(&mut cx)));
        match polled {
            Ok(Poll::Pending) => Ok(()),
            Ok(Poll::Ready(answer)) => {
                self.core.tasks.remove(number);
                answer
            }
            Err(raised) => {
                self.core.tasks.remove(number);
                Err(raised)
            }
        }
    }

    pub(super) fn first_poll(&self, number: u64) -> Result<(), Raised> {
        let task = self.core.tasks.get(number);
        task.map_or(Ok(()), |task| self.poll_now(number, &task))
    }

    pub(super) fn spawn_settling<T: 'static>(
        &self,
        future: impl Future<Output = Result<T, BoxError>> + 'static,
        place: Place,
        name: &'static str,
    ) -> LocalTask<T> {
        let outcome = Rc::new(Settled::default());
        let work = settle(future, Rc::clone(&outcome), place);
        let number = self.begin_task(Box::pin(work), place, name);
        let task = LocalTask {
            outcome,
            event_loop: self.clone(),
            number,
        };
        // It settles itself and so raises nothing.
        let _ = self.first_poll(number);
        task
    }
}

/// Runs `future` to its end and leaves its answer in `outcome`. An error that nobody waits for by
/// then is noted as a rejection.
async fn settle<T: 'static>(
    future: impl Future<Output = Result<T, BoxError>>,
    outcome: Rc<Settled<T>>,
    place: Place,
) -> Result<(), Raised> {
    // Tokio's budget would send a future away without the driver ever having its turn here.
    let mut future = pin!(unconstrained(future));
    let polled = poll_fn(
        |cx| match contain(|| Ok::<_, Raised>(future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(|answer| answer.map_err(Raised::error)),
            Err(raised) => Poll::Ready(Err(raised)),
        },
    );
    let answer = polled.await;
    let has_failed = answer.is_err();
    *outcome.answer.borrow_mut() = Some(answer);
    if let Some(waiter) = outcome.waiter.take() {
        waiter.wake();
    }
    if has_failed && !outcome.handled.get() {
        let outcome: Rc<dyn Failed> = outcome;
        EventLoop::with_current(|current| {
            let rejection = Rejection { outcome, place };
            current.core.rejections.borrow_mut().push(rejection);
        });
    }
    Ok(())
}

struct Settled<T> {
    answer: RefCell<Option<Result<T, Raised>>>,
    waiter: RefCell<Option<Waker>>,
    /// Somebody waits or has waited for it.
    handled: Cell<bool>,
}

impl<T> Default for Settled<T> {
    fn default() -> Self {
        Self {
            answer: RefCell::new(None),
            waiter: RefCell::new(None),
            handled: Cell::new(false),
        }
    }
}

trait Failed {
    fn unhandled(&self) -> Option<Raised>;
}

impl<T> Failed for Settled<T> {
    fn unhandled(&self) -> Option<Raised> {
        match (self.handled.get(), &*self.answer.borrow()) {
            (false, Some(Err(raised))) => Some(raised.clone()),
            _ => None,
        }
    }
}

/// A local future that ended with an error.
pub(super) struct Rejection {
    outcome: Rc<dyn Failed>,
    pub(super) place: Place,
}

impl Rejection {
    /// What it ended with, unless somebody waits for it by now.
    pub(super) fn unhandled(&self) -> Option<Raised> {
        self.outcome.unhandled()
    }
}

/// A local future that was begun by [`EventLoop::spawn_local`]: wait for its answer, or drop this
/// and let it run.
///
/// # Errors
///
/// What the future ended with: its error or its panic, as [`Raised`]. If nobody waits for it by
/// the time that ticks and microtasks are drained, it goes to
/// [`on_unhandled`](EventLoop::on_unhandled) instead.
///
/// # Panics
///
/// When polled again after it has given its answer.
///
/// # Cancel safety
///
/// Dropping it cancels nothing.
pub struct LocalTask<T> {
    outcome: Rc<Settled<T>>,
    event_loop: EventLoop,
    number: u64,
}

impl<T> LocalTask<T> {
    /// Lets the loop end while this future still waits; it is dropped then.
    pub fn unref(&self) -> &Self {
        self.set_holds(false);
        self
    }

    /// Holds the loop until this future has ended, as it does from the start.
    pub fn ref_(&self) -> &Self {
        self.set_holds(true);
        self
    }

    fn set_holds(&self, holds: bool) {
        let tasks = &self.event_loop.core.tasks;
        if let Some(task) = tasks.get(self.number) {
            tasks.set_holds(&task, holds);
        }
    }
}

impl<T> Future for LocalTask<T> {
    type Output = Result<T, Raised>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let first = !self.outcome.handled.replace(true);
        let answer = self.outcome.answer.borrow_mut().take();
        match answer {
            Some(answer) => Poll::Ready(answer),
            None => {
                let waits = self.event_loop.core.tasks.get(self.number).is_some();
                assert!(first || waits, "a local task has given its answer already");
                *self.outcome.waiter.borrow_mut() = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> fmt::Debug for LocalTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTask")
            .field("output", &type_name::<T>())
            .field("settled", &self.outcome.answer.borrow().is_some())
            .finish()
    }
}

/// Waits for one turn of the queue of microtasks, as `await null` does in Node.
///
/// # Panics
///
/// Never by itself. In a future that no event loop polls it is one plain wake.
///
/// # Cancel safety
///
/// Dropping it forgets the turn.
pub async fn yield_microtask() {
    let mut woken = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut woken, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Waits for the next poll phase.
pub(super) async fn next_poll_phase(remote: &Arc<Remote>, number: u64) {
    let mut sent = false;
    poll_fn(|_cx| {
        if std::mem::replace(&mut sent, true) {
            return Poll::Ready(());
        }
        remote.push(Message::Wake(number));
        Poll::Pending
    })
    .await;
}
