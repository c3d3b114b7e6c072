//! What is being worked on: who asked, under which trace, until when, with which statements so far.
//!
//! One [`Context`] belongs to one request, job or message. It is found anywhere below by
//! [`Context::current`], without being passed along. A plain `tokio::spawn` loses it:
//! spawn with `purlin_runtime::spawn`.

use std::{
    any::Any,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock},
    task::{self, Poll},
    time::Instant,
};

use pin_project_lite::pin_project;
use tokio::task::futures::TaskLocalFuture;

use crate::Principal;

mod request_id;
mod statements;
mod trace;

use request_id::RequestId;
pub use statements::{StatementCount, StatementLog};
pub use trace::TraceContext;

tokio::task_local! {
    static CURRENT: Context;
}

/// What is being worked on. Cheap to clone; clones are the same context.
#[derive(Clone, Debug)]
pub struct Context(Arc<Inner<dyn Any + Send + Sync>>);

/// One allocation, with what is kept by the part that began it.
#[derive(Debug)]
struct Inner<E: ?Sized> {
    request_id: RequestId,
    trace: TraceContext,
    deadline: Option<Instant>,
    outlives_caller: bool,
    principal: OnceLock<Principal>,
    statements: Mutex<StatementLog>,
    extension: E,
}

pin_project! {
    /// A future that runs in a context; [`Context::scope`] makes it.
    #[derive(Debug)]
    pub struct Scoped<F> {
        #[pin]
        work: TaskLocalFuture<Context, F>,
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waker: &mut task::Context<'_>) -> Poll<F::Output> {
        self.project().work.poll(waker)
    }
}

/// Makes a [`Context`]; what is not set is empty. `E` is what the part that begins it keeps in it.
#[derive(Debug, Default)]
pub struct ContextBuilder<E = ()> {
    request_id: RequestId,
    trace: TraceContext,
    deadline: Option<Instant>,
    outlives_caller: bool,
    extension: E,
}

impl<E: Any + Send + Sync> ContextBuilder<E> {
    /// Keeps `value` for the part that begins the context; there is one such value.
    /// [`Context::extension`] finds it again.
    pub fn extension<T: Any + Send + Sync>(self, value: T) -> ContextBuilder<T> {
        ContextBuilder {
            request_id: self.request_id,
            trace: self.trace,
            deadline: self.deadline,
            outlives_caller: self.outlives_caller,
            extension: value,
        }
    }

    /// The identifier of the request, for logs and for the caller.
    pub fn request_id(mut self, id: impl AsRef<str>) -> Self {
        self.request_id = RequestId::new(id.as_ref());
        self
    }

    /// The trace that this is a part of.
    pub fn trace(mut self, trace: TraceContext) -> Self {
        self.trace = trace;
        self
    }

    /// When the work must have ended.
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Says that the work runs to its end even if the caller hangs up.
    pub fn outlives_caller(mut self, outlives: bool) -> Self {
        self.outlives_caller = outlives;
        self
    }

    /// Makes the context.
    pub fn build(self) -> Context {
        let Self {
            request_id,
            trace,
            deadline,
            outlives_caller,
            extension,
        } = self;
        let principal = OnceLock::new();
        let statements = Mutex::default();
        Context(Arc::new(Inner {
            request_id,
            trace,
            deadline,
            outlives_caller,
            principal,
            statements,
            extension,
        }))
    }
}

impl Context {
    /// Begins a context.
    pub fn builder() -> ContextBuilder {
        ContextBuilder::default()
    }

    /// The context of the running task, if it is in one.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Looks at the context of the running task without cloning it.
    pub fn with_current<T>(look: impl FnOnce(&Self) -> T) -> Option<T> {
        CURRENT.try_with(look).ok()
    }

    /// Runs `future` in this context.
    pub fn scope<F: Future>(self, future: F) -> Scoped<F> {
        Scoped {
            work: CURRENT.scope(self, future),
        }
    }

    /// Runs `work` in this context.
    pub fn sync_scope<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    /// The identifier of the request; empty if there is none.
    pub fn request_id(&self) -> &str {
        self.0.request_id.as_str()
    }

    /// The trace that this is a part of.
    pub fn trace(&self) -> &TraceContext {
        &self.0.trace
    }

    /// When the work must have ended.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline
    }

    /// Whether the work runs to its end even if the caller hangs up: true for the handlers of
    /// unsafe methods, which run in a task of their own.
    pub fn outlives_caller(&self) -> bool {
        self.0.outlives_caller
    }

    /// Who is asking; `None` until somebody has proved it.
    pub fn principal(&self) -> Option<&Principal> {
        self.0.principal.get()
    }

    /// Says who is asking. The first proof stays.
    ///
    /// # Errors
    ///
    /// Gives `principal` back if somebody is known already.
    pub fn set_principal(&self, principal: Principal) -> Result<(), Principal> {
        self.0.principal.set(principal)
    }

    /// What the part that began the context keeps in it, if that is a `T`.
    ///
    /// ```
    /// use purlin_base::Context;
    ///
    /// let context = Context::builder().extension("from the edge").build();
    /// assert_eq!(context.extension::<&str>(), Some(&"from the edge"));
    /// assert_eq!(context.extension::<u8>(), None);
    /// ```
    pub fn extension<T: Any>(&self) -> Option<&T> {
        self.0.extension.downcast_ref()
    }

    /// Uses the log of the statements that have run in this context.
    pub fn statements<T>(&self, use_log: impl FnOnce(&mut StatementLog) -> T) -> T {
        use_log(
            &mut self
                .0
                .statements
                .lock()
                .expect("nothing panics while it holds the log"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_context_is_found_below_and_gone_outside() {
        let context = Context::builder().request_id("r-1").build();
        let found = context.scope(async { Context::current().unwrap().request_id().to_owned() });
        assert_eq!(found.await, "r-1");
        let long = "x".repeat(128);
        assert_eq!(
            Context::builder().request_id(&long).build().request_id(),
            long
        );
        assert!(Context::current().is_none());
    }

    #[test]
    fn the_first_principal_stays() {
        let context = Context::builder().build();
        context
            .set_principal(Principal::new("ada", ["staff"]))
            .unwrap();
        let second = Principal::new("eve", ["admin"]);
        assert_eq!(context.set_principal(second.clone()), Err(second));
        assert!(context.principal().unwrap().has_role("staff"));
    }
}
