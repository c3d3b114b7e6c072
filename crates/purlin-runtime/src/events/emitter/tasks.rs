//! Asynchronous listeners of an emitter, and what becomes of their failures.

use std::{future::Future, rc::Rc, sync::Arc};

use purlin_base::Context;
use tracing::Instrument;

use super::core::Core;
use crate::events::{ERROR, ListenerError, SharedError, contain, listener::Outcome};

impl Core {
    /// Begins what an asynchronous listener of `event` does, on the thread's own tasks.
    pub(super) fn begin<F>(self: &Rc<Self>, event: &str, future: F)
    where
        F: Future + 'static,
        F::Output: Outcome,
    {
        // As it is now: failures of listeners of a captured `error` are not captured again.
        let captured = self.captures_rejections.get();
        let async_max = self.options.async_max;
        if self.running.get() >= async_max {
            return self.reject(event, captured, ListenerError::Busy { async_max });
        }
        let (running, event) = (Running::begin(self), event.to_owned());
        let deadline = self.options.async_deadline;
        let task = async move {
            let ended = contain::run(future, deadline).await;
            let core = Rc::clone(&running.0);
            drop(running);
            if let Err(error) = ended {
                core.reject(&event, captured, error);
            }
        };
        let task = task.in_current_span();
        match Context::current() {
            Some(context) => drop(tokio::task::spawn_local(context.scope(task))),
            None => drop(tokio::task::spawn_local(task)),
        }
    }

    fn reject(&self, event: &str, captured: bool, error: ListenerError) {
        let error = shared(error);
        if !captured {
            tracing::error!(event, error = %chain(&*error), "an asynchronous listener failed");
            return;
        }
        if let Some(hook) = &self.options.on_rejection {
            return hook(event, error);
        }
        let before = self.captures_rejections.replace(false);
        let emitted = self.emit(ERROR.name(), &error);
        self.captures_rejections.set(before);
        if let Err(unheard) = emitted {
            tracing::error!(event, error = %chain(&unheard), "nobody took the error of a listener");
        }
    }
}

/// The error that a listener returned is told as it is.
fn shared(error: ListenerError) -> SharedError {
    match error {
        ListenerError::Failed(error) => SharedError::from(error),
        other => Arc::new(other),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// An asynchronous listener that runs, also one whose task is dropped.
struct Running(Rc<Core>);

impl Running {
    fn begin(core: &Rc<Core>) -> Self {
        core.running.set(core.running.get() + 1);
        Self(Rc::clone(core))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get() - 1);
    }
}
