//! What can be built by injection, and the list of what it needs.

use std::{any::Any, fmt, marker::PhantomData, ops::Deref, sync::Arc};

use purlin_base::lifecycle::SharedLifecycle;

use crate::name::Key;

/// The most dependencies that one provider, controller or factory can have.
///
/// Whoever needs more does too many things at once: gather what belongs together in a provider.
pub const DEPENDENCIES_MAX: usize = 16;

/// One built thing, its type forgotten: an `Arc<T>` inside an `Arc<dyn Any>`, since `T` may be unsized.
pub(crate) type Slot = Arc<dyn Any + Send + Sync>;

/// What can be shared between threads, and so provided: every `Send + Sync + 'static` type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be provided or injected, since threads can't share it",
    label = "not `Send + Sync + 'static`",
    note = "put what changes behind a `Mutex`, an atomic or `tokio::sync`; a trait takes the bounds as supertraits: `trait Mailer: Send + Sync`"
)]
pub trait Shared: Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Send + Sync + 'static> Shared for T {}

/// What can be built from what a module has in reach: a class, in Nest's words.
///
/// `#[injectable]` writes this for a struct whose fields are `Arc<T>` or `Arc<dyn Trait>`:
///
/// ```
/// # use std::sync::Arc;
/// # use purlin_core::{Dep, Injectable, Resolved};
/// # pub struct Smtp;
/// # pub trait Clock: Send + Sync {}
/// pub struct Mailer {
///     smtp: Arc<Smtp>,
///     clock: Arc<dyn Clock>,
/// }
///
/// impl Injectable for Mailer {
///     type Deps = (Dep<Smtp>, (Dep<dyn Clock>, ()));
///
///     fn build((smtp, (clock, ())): Resolved<Self::Deps>) -> Self {
///         Self { smtp, clock }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be built by injection",
    label = "not `Injectable`",
    note = "add `#[injectable]` to `{Self}`, or say how it is made: `{Self} = value(…)` or `{Self} = factory(…)`"
)]
pub trait Injectable: Shared + Sized {
    /// What it needs, in order: `(Dep<A>, (Dep<dyn B>, ()))`.
    type Deps: DepList;

    /// What the dependencies are called in the compiler's messages, in order; may be left empty.
    const NAMES: &'static [&'static str] = &[];

    /// Builds it. Does no I/O: what must wait for something is a factory, or a
    /// [`Lifecycle`](purlin_base::lifecycle::Lifecycle) hook.
    fn build(deps: Resolved<Self::Deps>) -> Self;

    /// Its lifecycle, if it has one.
    fn lifecycle(this: &Arc<Self>) -> Option<SharedLifecycle> {
        let _ = this;
        None
    }
}

/// One dependency in a list: an `Arc<T>`.
pub struct Dep<T: ?Sized>(PhantomData<fn() -> Arc<T>>);

/// What stands past the end of a list; in reach everywhere.
#[derive(Clone, Copy, Debug)]
pub enum Nothing {}

/// A list of dependencies: `()` or `(Dep<T>, Rest)`. It can't be implemented elsewhere.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of dependencies",
    note = "a list is `()` or `(Dep<T>, Rest)`, such as `(Dep<Db>, (Dep<dyn Clock>, ()))`"
)]
pub trait DepList: sealed::Sealed + 'static {
    /// The same list with an `Arc<T>` in place of each `Dep<T>`.
    type Resolved: Send;
    /// The first; [`Nothing`] in an empty list.
    type Head: ?Sized + Shared;
    /// All but the first.
    type Tail: DepList;
    /// How many there are.
    const LEN: usize;

    #[doc(hidden)]
    fn keys(out: &mut Keys);
    #[doc(hidden)]
    fn resolve(slots: &Slots<'_>) -> Self::Resolved;
}

/// The `Arc`s that a list of dependencies stands for.
pub type Resolved<D> = <D as DepList>::Resolved;

pub(crate) mod sealed {
    use super::{Key, Slot};

    /// Only lists are lists.
    pub trait Sealed {}

    /// The types asked for.
    #[derive(Default)]
    pub struct Keys(pub(crate) Vec<Key>);

    /// What was found for them, in the same order.
    pub struct Slots<'a>(pub(crate) &'a [Slot]);
}

use sealed::{Keys, Slots};

impl sealed::Sealed for () {}
impl<T: ?Sized + Shared, R: DepList> sealed::Sealed for (Dep<T>, R) {}

impl DepList for () {
    type Resolved = ();
    type Head = Nothing;
    type Tail = ();
    const LEN: usize = 0;

    fn keys(_: &mut Keys) {}
    fn resolve(_: &Slots<'_>) {}
}

impl<T: ?Sized + Shared, R: DepList> DepList for (Dep<T>, R) {
    type Resolved = (Arc<T>, R::Resolved);
    type Head = T;
    type Tail = R;
    const LEN: usize = 1 + R::LEN;

    fn keys(out: &mut Keys) {
        out.0.push(Key::of::<T>());
        R::keys(out);
    }

    fn resolve(slots: &Slots<'_>) -> (Arc<T>, R::Resolved) {
        let (first, rest) = slots
            .0
            .split_first()
            .expect("the container resolves every dependency before it builds");
        (unpack(first), R::resolve(&Slots(rest)))
    }
}

/// The types of `D`, in order.
pub(crate) fn keys_of<D: DepList>() -> Vec<Key> {
    let mut keys = Keys::default();
    D::keys(&mut keys);
    keys.0
}

/// Wraps `value` so that its type can be forgotten.
pub(crate) fn pack<T: ?Sized + Shared>(value: Arc<T>) -> Slot {
    Arc::new(value)
}

/// The `Arc<T>` in `slot`.
pub(crate) fn unpack<T: ?Sized + Shared>(slot: &Slot) -> Arc<T> {
    slot.downcast_ref::<Arc<T>>()
        .cloned()
        .expect("a slot is found by the type that it holds")
}

/// One of several `T`s, told apart by `Tag`: two databases, two queues.
///
/// Provided and asked for as `Arc<Named<Db, Audit>>`; reads as a `T`.
///
/// ```
/// use purlin_core::Named;
///
/// pub enum Audit {}
///
/// let db: Named<String, Audit> = Named::new("audit.db".to_owned());
/// assert_eq!(db.len(), 8);
/// ```
pub struct Named<T, Tag: 'static> {
    value: T,
    tag: PhantomData<fn() -> Tag>,
}

impl<T, Tag: 'static> Named<T, Tag> {
    /// Gives `value` the name.
    pub const fn new(value: T) -> Self {
        Self {
            value,
            tag: PhantomData,
        }
    }

    /// Takes the name away.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T, Tag: 'static> Deref for Named<T, Tag> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug, Tag: 'static> fmt::Debug for Named<T, Tag> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: Clone, Tag: 'static> Clone for Named<T, Tag> {
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl<T: purlin_base::lifecycle::Lifecycle, Tag: 'static> purlin_base::lifecycle::Lifecycle
    for Named<T, Tag>
{
    async fn on_module_init(&self) -> Result<(), purlin_base::BoxError> {
        self.value.on_module_init().await
    }
    async fn on_application_bootstrap(&self) -> Result<(), purlin_base::BoxError> {
        self.value.on_application_bootstrap().await
    }
    async fn on_module_destroy(&self) -> Result<(), purlin_base::BoxError> {
        self.value.on_module_destroy().await
    }
    async fn before_application_shutdown(
        &self,
        reason: purlin_base::lifecycle::StopReason,
    ) -> Result<(), purlin_base::BoxError> {
        self.value.before_application_shutdown(reason).await
    }
    async fn on_application_shutdown(
        &self,
        reason: purlin_base::lifecycle::StopReason,
    ) -> Result<(), purlin_base::BoxError> {
        self.value.on_application_shutdown(reason).await
    }
}
