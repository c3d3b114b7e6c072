//! Modules, injection, lifecycle and configuration, checked by the compiler.
//!
//! A module lists what it imports, provides and exports. What one of its providers needs and the
//! module does not have in reach is a compile error that names the type, the module and the cure.
//!
//! | to do | look at |
//! | --- | --- |
//! | write a provider | [`injectable`](macro@injectable), [`Injectable`], [`Named`] |
//! | write a module | [`module`](macro@module), [`Module`], [`Definition`], [`Provider`] |
//! | build, start and stop | [`Container`], [`StartError`] |
//! | hand settings in | [`ConfigModule`] |
//! | read settings | [`config`] |
//! | look at what there is | [`Graph`] |
//! | add a section of components | [`Definition::component`], [`Hosts`] |

pub mod check;
pub mod config;
mod container;
mod definition;
mod error;
mod factory;
mod graph;
mod hosts;
mod injectable;
mod module;
mod name;
mod plan;
mod provider;

pub use container::{Container, ContainerBuilder};
pub use definition::{ConfigModule, Definition};
pub use error::StartError;
pub use factory::{Counted, Factory, Fallible, Later, Outcome, Plain};
pub use graph::{Graph, GraphModule, GraphNeed, GraphProvider, ProviderKind};
pub use hosts::Hosts;
pub use injectable::{
    DEPENDENCIES_MAX, Dep, DepList, Injectable, Named, Nothing, Resolved, Shared,
};
pub use module::{Direct, End, Exported, Exports, Find, Has, Here, Module, Own, Provides, There};
pub use provider::Provider;
pub use purlin_base::lifecycle;
/// Makes a struct a class that is built from what it needs. On a struct whose fields are `Arc<T>`
/// or `Arc<dyn Trait>`, at most [`DEPENDENCIES_MAX`] of them.
///
/// A field marked `#[default]` begins as its default value. The hooks of a type that implements
/// [`Lifecycle`](lifecycle::Lifecycle) run by themselves; of a generic type only if it is marked
/// `#[injectable(lifecycle)]`.
///
/// ```
/// use std::sync::{Arc, atomic::AtomicU32};
/// use purlin_core::injectable;
/// # pub struct Smtp;
/// # pub trait Clock: Send + Sync {}
/// #[injectable]
/// pub struct Mailer {
///     smtp: Arc<Smtp>,
///     clock: Arc<dyn Clock>,
///     #[default]
///     sent: AtomicU32,
/// }
/// ```
///
/// What it expands to is written out at [`trait@Injectable`].
pub use purlin_macros::injectable;
/// Makes a struct a module, and checks what its parts need.
///
/// ```
/// # use std::sync::Arc;
/// # use purlin_core::{ConfigModule, injectable, module};
/// # pub trait Mailer: Send + Sync {}
/// # pub struct Settings;
/// # pub struct Limits;
/// # pub struct Pool;
/// # #[injectable] pub struct OrderService { mailer: Arc<dyn Mailer>, pool: Arc<Pool> }
/// # #[injectable] pub struct Smtp {}
/// # impl Mailer for Smtp {}
/// # async fn connect(_: Arc<Settings>, _: Arc<Limits>) -> Result<Pool, std::io::Error> { Ok(Pool) }
/// #[module(
///     imports(ConfigModule<Settings>),  // what these export is in reach here
///     providers(
///         OrderService,                 // a class, built from what it needs
///         Smtp as dyn Mailer,           // a class that is asked for as a trait
///         Limits = value(Limits),       // a value
///         Pool = factory(connect),      // a function, async or not, fallible or not
///     ),
///     exports(OrderService, dyn Mailer),
/// )]
/// pub struct OrderModule;
/// ```
///
/// `Smtp as dyn Mailer = value(…)` and `… = factory(…)` work too; `dyn Mailer = factory(…)` is for
/// a function that chooses the type and returns an `Arc<dyn Mailer>`. The section
/// `controllers(…)` belongs to the crate `purlin`. The word `lifecycle` runs the hooks of the
/// module itself, which must be a unit struct. A generic struct makes a module for each argument.
///
/// A provider whose type implements [`Lifecycle`](lifecycle::Lifecycle) has its hooks run.
///
/// What it expands to is written out at [`trait@Module`].
pub use purlin_macros::module;
