//! Functions that make a provider: plain or async, fallible or not.

use std::{future::Future, sync::Arc};

use purlin_base::{BoxError, BoxFuture};

use crate::{Dep, DepList, Resolved, Shared};

/// A function of up to [`DEPENDENCIES_MAX`](crate::DEPENDENCIES_MAX) `Arc`s that makes a `T`.
///
/// Implemented for functions and closures that return a `T`, an `Arc<T>`, a `Result` of either,
/// or a future of any of these. `D` (the list of dependencies) and `K` (the form of the answer)
/// are inferred.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::module;
///
/// pub struct Url(String);
/// pub struct Pool;
/// # #[derive(Debug)] pub struct Refused;
/// # impl std::fmt::Display for Refused {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("refused") }
/// # }
/// # impl std::error::Error for Refused {}
/// async fn connect(url: Arc<Url>) -> Result<Pool, Refused> {
///     if url.0.is_empty() { Err(Refused) } else { Ok(Pool) }
/// }
///
/// #[module(providers(
///     Url = value(Url("db.example".into())),
///     Pool = factory(connect),
/// ))]
/// pub struct PoolModule;
/// ```
#[diagnostic::on_unimplemented(
    message = "this does not make a `{T}` from injected `Arc`s",
    label = "not a factory of `{T}`",
    note = "a factory is a function of at most 16 `Arc<…>`s that returns `{T}`, `Result<{T}, E>` or a `Send` future of one of these"
)]
pub trait Factory<T: ?Sized, D: DepList, K>: Send + 'static {
    /// Makes the `T`.
    fn make(self, deps: Resolved<D>) -> BoxFuture<'static, Result<Arc<T>, BoxError>>;
}

/// What a factory may return, for a `T`.
pub trait Outcome<T: ?Sized, K> {
    /// Waits for the `T`, if there is something to wait for.
    fn outcome(self) -> impl Future<Output = Result<Arc<T>, BoxError>> + Send;
}

/// The form of an answer: a `T`.
pub struct Plain(());
/// The form of an answer: an `Arc<T>`.
pub struct Counted(());
/// The form of an answer: a `Result` of the form `K`.
pub struct Fallible<K>(K);
/// The form of an answer: a future of the form `K`.
pub struct Later<K>(K);

impl<T: Shared> Outcome<T, Plain> for T {
    async fn outcome(self) -> Result<Arc<T>, BoxError> {
        Ok(Arc::new(self))
    }
}

impl<T: ?Sized + Shared> Outcome<T, Counted> for Arc<T> {
    async fn outcome(self) -> Result<Arc<T>, BoxError> {
        Ok(self)
    }
}

impl<T, R, E, K> Outcome<T, Fallible<K>> for Result<R, E>
where
    T: ?Sized + Shared,
    R: Outcome<T, K> + Send,
    E: Into<BoxError> + Send,
{
    async fn outcome(self) -> Result<Arc<T>, BoxError> {
        match self {
            Ok(made) => made.outcome().await,
            Err(error) => Err(error.into()),
        }
    }
}

impl<T, F, K> Outcome<T, Later<K>> for F
where
    T: ?Sized + Shared,
    F: Future + Send,
    F::Output: Outcome<T, K> + Send,
{
    async fn outcome(self) -> Result<Arc<T>, BoxError> {
        self.await.outcome().await
    }
}

macro_rules! factories {
    ($(($($arg:ident)*) $list:ty => $pattern:pat,)+) => {$(
        impl<Make, Out, T, K, $($arg,)*> Factory<T, $list, K> for Make
        where
            Make: FnOnce($(Arc<$arg>),*) -> Out + Send + 'static,
            Out: Outcome<T, K> + Send + 'static,
            T: ?Sized + Shared,
            $($arg: ?Sized + Shared,)*
        {
            #[allow(non_snake_case, reason = "one name serves as a type and as an argument")]
            fn make(self, $pattern: Resolved<$list>) -> BoxFuture<'static, Result<Arc<T>, BoxError>> {
                Box::pin(async move { self($($arg),*).outcome().await })
            }
        }
    )+};
}

/// Unfolds `A B C` into the list of dependencies and its pattern, for every length.
macro_rules! lengths {
    (@step [$($done:tt)*] ($($arg:ident)*) []) => {
        factories! { $($done)* ($($arg)*) lengths!(@list $($arg)*) => lengths!(@pattern $($arg)*), }
    };
    (@step [$($done:tt)*] ($($arg:ident)*) [$next:ident $($rest:ident)*]) => {
        lengths! { @step
            [$($done)* ($($arg)*) lengths!(@list $($arg)*) => lengths!(@pattern $($arg)*),]
            ($($arg)* $next) [$($rest)*] }
    };
    (@list) => { () };
    (@list $arg:ident $($rest:ident)*) => { (Dep<$arg>, lengths!(@list $($rest)*)) };
    (@pattern) => { () };
    (@pattern $arg:ident $($rest:ident)*) => { ($arg, lengths!(@pattern $($rest)*)) };
}

lengths! { @step [] () [A B C D E F G H I J L M N O P Q] }
