//! What `#[module]` checks at compile time, in code that can be written by hand.
//!
//! [`dependencies_of`] is the check: it compiles only if each dependency is in reach, in exactly
//! one place. [`Probe`] and [`in_reach_once`] add nothing to what is refused; they word the two
//! cases for which the compiler has no good words of its own: in reach twice, and private.

use std::{marker::PhantomData, sync::Arc};

use purlin_base::lifecycle::{Lifecycle, SharedLifecycle};

use crate::{
    Dep, DepList, Exports, Factory, Has, Injectable, Module, Nothing, Provider, Provides, Shared,
};

mod words;

pub use words::{Place, in_reach_once};

/// Everything in this list is in reach of the module `M`. `Ats` is where; the compiler infers it.
#[diagnostic::on_unimplemented(
    message = "`{M}` does not have all of `{Self}`",
    note = "add what is missing to `{M}`'s `providers`, or import a module that exports it"
)]
pub trait InReachOf<M, Ats> {}

impl<M: Module> InReachOf<M, ()> for () {}
// The list is the `Self` of the trait, not the module: of two traits of one type the compiler
// would show the outer one, and the message sits on `Has`.
impl<M, T, R, At, Ats> InReachOf<M, (At, Ats)> for (Dep<T>, R)
where
    T: ?Sized,
    M: Has<T, At>,
    R: InReachOf<M, Ats>,
{
}

/// Compiles if the module `M` has all that `C` needs.
pub fn dependencies_of<M, C, Ats>()
where
    C: Injectable,
    C::Deps: InReachOf<M, Ats>,
{
}

/// Compiles if the module `M` has all of the list `D`.
pub fn all<M, D, Ats>()
where
    D: InReachOf<M, Ats>,
{
}

/// The provider of what `factory` makes; compiles if the module `M` has all that it needs.
pub fn factory<M, T, D, K, Ats>(factory: impl Factory<T, D, K>) -> Provider<T>
where
    T: ?Sized + Shared,
    D: DepList + InReachOf<M, Ats>,
{
    Provider::factory(factory)
}

/// Asks about one type and one module, in constants: `Probe::<M, T>::EXPORTS` is true if `M`
/// exports `T`. Both must be concrete types; [`Absent`] must be in scope.
pub struct Probe<M, T: ?Sized>(PhantomData<M>, PhantomData<T>);

impl<M: Exports<T>, T: ?Sized> Probe<M, T> {
    /// The module exports the type.
    pub const EXPORTS: bool = true;
}

impl<M: Provides<T>, T: ?Sized> Probe<M, T> {
    /// The module provides the type.
    pub const PROVIDES: bool = true;
}

/// What [`Probe`] says where its own constants do not apply.
pub trait Absent {
    /// The module does not export the type.
    const EXPORTS: bool = false;
    /// The module does not provide the type.
    const PROVIDES: bool = false;
}

impl<M, T: ?Sized> Absent for Probe<M, T> {}

/// The dependency at place `N` of a list; [`Nothing`] past its end.
pub trait At<const N: usize> {
    /// The type of that dependency.
    type Type: ?Sized;
}

// Written out for the list rather than on `DepList`, whose proofs the compiler would repeat for
// each place of each list: this is most of what a module costs to check.
macro_rules! places {
    ($($place:literal after $before:literal),+) => {
        impl<T: ?Sized, R> At<0> for (Dep<T>, R) {
            type Type = T;
        }
        impl At<0> for () {
            type Type = Nothing;
        }
        $(impl<T: ?Sized, R: At<$before>> At<$place> for (Dep<T>, R) {
            type Type = R::Type;
        }
        impl At<$place> for () {
            type Type = Nothing;
        })+
    };
}

places!(1 after 0, 2 after 1, 3 after 2, 4 after 3, 5 after 4, 6 after 5, 7 after 6);

/// How many dependencies of a list are worded, the first ones. Each costs about 25 µs for each
/// module in reach; those beyond are checked all the same, in the compiler's own words.
pub const WORDED_MAX: usize = 8;

/// For each of the first places of a list: whether it is so.
pub type Flags = [bool; WORDED_MAX];

/// Asks [`Probe`] about each dependency of a list: `flags!(OrderModule, Deps, EXPORTS)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __flags {
    ($module:ty, $list:ty, $asked:ident) => {
        $crate::__flags!(@ $module, $list, $asked, 0 1 2 3 4 5 6 7)
    };
    (@ $module:ty, $list:ty, $asked:ident, $($place:literal)+) => {
        [$($crate::check::Probe::<$module, <$list as $crate::check::At<$place>>::Type>::$asked),+]
    };
}

/// Finds out whether a concrete type has a lifecycle:
/// `(&Detect::<T>::new()).hooks()` with [`Hooked`] and [`Hookless`] in scope.
pub struct Detect<T>(PhantomData<fn() -> T>);

impl<T> Detect<T> {
    /// Asks about `T`.
    #[allow(clippy::new_without_default, reason = "only ever called by the macro")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The answer of [`Detect`] for a type that has a lifecycle.
pub trait Hooked<T> {
    /// How its hooks are reached.
    fn hooks(&self) -> fn(&Arc<T>) -> Option<SharedLifecycle>;
}

impl<T: Lifecycle> Hooked<T> for Detect<T> {
    fn hooks(&self) -> fn(&Arc<T>) -> Option<SharedLifecycle> {
        |made| Some(made.clone())
    }
}

/// The answer of [`Detect`] for any other type.
pub trait Hookless<T> {
    /// There are no hooks.
    fn hooks(&self) -> fn(&Arc<T>) -> Option<SharedLifecycle>;
}

impl<T> Hookless<T> for &Detect<T> {
    fn hooks(&self) -> fn(&Arc<T>) -> Option<SharedLifecycle> {
        |_| None
    }
}
