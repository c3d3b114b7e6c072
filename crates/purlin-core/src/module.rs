//! What a module is to the compiler: a scope, and the search for a type in it.
//!
//! A module sees what it provides and what the modules that it imports export; nothing else. The
//! search is by plain traits: a type is in reach when exactly one place of the scope has it,
//! so the compiler can infer which.

use std::marker::PhantomData;

use crate::{Definition, Nothing};

/// A part of an application: what it imports, provides, runs and exports.
///
/// `#[module]` writes this, and the markers and checks that go with it:
///
/// ```
/// # use purlin_core::*;
/// # #[injectable] pub struct OrderService {}
/// # #[module(providers(u8 = value(1)), exports(u8))] pub struct DbModule;
/// pub struct OrderModule;
///
/// impl Module for OrderModule {
///     type Scope = (Own<Self>, (Exported<DbModule>, ()));
///
///     fn define(definition: &mut Definition) {
///         definition.import::<DbModule>();
///         definition.provide(Provider::<OrderService>::class());
///         definition.export::<OrderService>();
///     }
/// }
/// impl Provides<OrderService> for OrderModule {}
/// impl Exports<OrderService> for OrderModule {}
///
/// // One check for each provider: all that it needs is in reach.
/// const _: fn() = check::dependencies_of::<OrderModule, OrderService, _>;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "not a module",
    note = "add `#[module(…)]` to `{Self}`, or list it in `providers` if it is not meant to be one"
)]
pub trait Module: Sized + 'static {
    /// Where its providers may look: `(Own<Self>, (Exported<A>, (Exported<B>, ())))`.
    type Scope;

    /// Says what is in it.
    fn define(definition: &mut Definition);
}

/// The module builds a `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` exports `{T}`, and does not provide it",
    label = "not among its `providers`",
    note = "add `{T}` to `{Self}`'s `providers`, or take it out of `exports`: whoever needs what another module exports imports that module"
)]
pub trait Provides<T: ?Sized>: Module {}

/// The module lets those who import it have its `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not export `{T}`",
    note = "add `{T}` to `{Self}`'s `exports`"
)]
pub trait Exports<T: ?Sized>: Provides<T> {}

/// A place of a scope: what the module `M` provides itself.
pub struct Own<M>(PhantomData<fn() -> M>);

/// A place of a scope: what the imported module `M` exports.
pub struct Exported<M>(PhantomData<fn() -> M>);

/// The search for `T` in a scope. `At` is where it was found; the compiler infers it.
pub trait Find<T: ?Sized, At> {}

/// Where something was found: in this very place.
pub struct Direct(());
/// Where something was found: in the first place of a scope.
pub struct Here<I>(PhantomData<I>);
/// Where something was found: after the first place of a scope.
pub struct There<I>(PhantomData<I>);
/// Where [`Nothing`] is found.
pub struct End(());

impl<M: Provides<T>, T: ?Sized> Find<T, Direct> for Own<M> {}
impl<M: Exports<T>, T: ?Sized> Find<T, Direct> for Exported<M> {}
impl<T: ?Sized, H: Find<T, I>, R, I> Find<T, Here<I>> for (H, R) {}
impl<T: ?Sized, H, R: Find<T, I>, I> Find<T, There<I>> for (H, R) {}
impl Find<Nothing, End> for () {}

/// `T` is in reach of the providers of this module, in exactly one place.
#[diagnostic::on_unimplemented(
    message = "`{T}` is not available in `{Self}`",
    label = "needs `{T}`",
    note = "add `{T}` to `{Self}`'s `providers`, or import a module that lists it in `exports`"
)]
pub trait Has<T: ?Sized, At> {}

#[diagnostic::do_not_recommend]
impl<M: Module, T: ?Sized, At> Has<T, At> for M where M::Scope: Find<T, At> {}
