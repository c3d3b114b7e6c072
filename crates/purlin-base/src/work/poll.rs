//! The names that a thread carries while it polls.

use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{Label, threads, watcher::limit_nanos};

impl Label {
    /// Says that this thread works on what the label names, until the answer is dropped; the time
    /// is watched. For one poll, or for work that must not take longer than one.
    ///
    /// What is entered inside is counted for itself and not for this.
    pub fn enter(self) -> Entered {
        let outer = limit_nanos().and_then(|_| threads::begin(self));
        Entered {
            before: self.replace_current(),
            outer,
            of_this_thread: PhantomData,
        }
    }

    /// As [`enter`](Self::enter), but the time is not watched: for threads that may compute as
    /// long as they need.
    ///
    /// ```
    /// use purlin_base::work::Label;
    ///
    /// let _tagged = Label::job("thumbnail").tag();
    /// assert_eq!(&*Label::current().name(), "thumbnail");
    /// ```
    pub fn tag(self) -> Tagged {
        Tagged {
            before: self.replace_current(),
            of_this_thread: PhantomData,
        }
    }

    /// Runs `future` under this name: each of its polls enters it.
    ///
    /// A future that gives itself another name by [`set_current`](Self::set_current) keeps it from
    /// poll to poll.
    ///
    /// ```
    /// use purlin_base::work::Label;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let label = Label::task("sweep");
    /// let seen = label.scope(async { Label::current() }).await;
    /// assert_eq!(seen, label);
    /// # }
    /// ```
    pub fn scope<F: Future>(self, future: F) -> Scoped<F> {
        Scoped {
            label: self,
            future,
        }
    }
}

/// A poll that runs; it ends when this is dropped.
#[must_use = "the work ends when this is dropped"]
pub struct Entered {
    before: Label,
    outer: Option<threads::Outer>,
    of_this_thread: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let label = self.before.replace_current();
        if let Some(outer) = self.outer {
            threads::end(label, self.before, outer);
        }
    }
}

/// Work that runs and is not watched; it ends when this is dropped.
#[must_use = "the work ends when this is dropped"]
pub struct Tagged {
    before: Label,
    of_this_thread: PhantomData<*const ()>,
}

impl Drop for Tagged {
    fn drop(&mut self) {
        self.before.replace_current();
    }
}

pin_project! {
    /// A future that runs under a name; [`Label::scope`] makes it.
    #[must_use = "a future does nothing unless it is polled"]
    pub struct Scoped<F> {
        label: Label,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let entered = this.label.enter();
        let polled = this.future.poll(context);
        *this.label = Label::current();
        drop(entered);
        polled
    }
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Tagged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tagged").finish_non_exhaustive()
    }
}

impl<F> std::fmt::Debug for Scoped<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let label = &self.label;
        f.debug_struct("Scoped")
            .field("label", label)
            .finish_non_exhaustive()
    }
}
