//! What a thread of the pool does: one job after another, with the state that it keeps.

use std::{io, sync::Arc};

use super::Shared;
use crate::{
    panics::{self, Panic},
    stop::StopToken,
};

/// A job: does its work with the state, and answers. Says whether the state is still sound.
pub(super) struct Work<S>(pub(super) Box<Job<S>>);

type Job<S> = dyn FnOnce(&Shared<S>, &mut Option<S>) -> bool + Send;

/// Why there is no answer.
pub(super) enum Fault {
    Init(Panic),
    Work(Panic),
}

/// Starts the thread with this number.
pub(super) fn start<S: 'static>(shared: &Arc<Shared<S>>, number: usize) -> io::Result<()> {
    let worker = Arc::clone(shared);
    let thread = shared.thread.builder(Some(number));
    shared.queue.start_thread(thread, move || {
        worker.thread.settle();
        while !work_off(&worker) {
            if start(&worker, number).is_ok() {
                return; // The other has the place, and this thread's own leavings go with it.
            }
            tracing::error!(
                pool = worker.thread.name,
                "no thread could be started in place of one whose job panicked; it goes on"
            );
        }
    })
}

/// Works until the queue is closed and empty: true. False once the state is not sound any more.
fn work_off<S>(shared: &Shared<S>) -> bool {
    let mut state = None;
    let mut sound = true;
    while sound {
        let Some(Work(work)) = shared.queue.take() else {
            break;
        };
        sound = work(shared, &mut state);
    }
    panics::contain(|| drop(state));
    sound
}

/// Does `work` with the state, which is made if there is none yet.
pub(super) fn with_state<S, T>(
    shared: &Shared<S>,
    state: &mut Option<S>,
    stop: &StopToken,
    work: impl FnOnce(&mut S, &StopToken) -> T,
) -> Result<T, Fault> {
    if state.is_none() {
        *state = Some(panics::catch(|| (shared.init)()).map_err(Fault::Init)?);
    }
    let state = state.as_mut().expect("it was made above");
    panics::catch(|| work(state, stop)).map_err(Fault::Work)
}
