//! HTTP, tied to modules: controllers and their guards are found in the module that lists them.

use std::sync::Arc;

use purlin_base::health::DynHealthIndicator;
use purlin_core::{Definition, Dep, DepList, Hosts, Injectable, Resolved};
pub use purlin_http::*;

/// The host of all controllers: the routes they answer, in the order of the modules.
#[derive(Default)]
pub struct RouteTable(pub(crate) Vec<Routes>);

impl RouteTable {
    pub(crate) fn into_routes(self) -> Vec<Routes> {
        self.0
    }
}

/// The host of everything that says whether it can work.
#[derive(Default)]
pub struct HealthTable(pub(crate) Vec<Arc<dyn DynHealthIndicator>>);

/// The host of what parts show on the management listener.
#[derive(Default)]
pub struct ManagementTable(pub(crate) Vec<Router>);

/// A list of guard types as a list of dependencies: `(A, (B, ()))` is `(Dep<A>, (Dep<B>, ()))`.
pub trait GuardDeps: GuardSet {
    /// The list of dependencies.
    type Deps: DepList<Resolved = Self::Arcs>;
}

impl GuardDeps for () {
    type Deps = ();
}

impl<G: Guard, R: GuardDeps> GuardDeps for (G, R) {
    type Deps = (Dep<G>, R::Deps);
}

/// The guards that the controller `C` names, as dependencies of the module that lists it.
pub type GuardsOf<C> = <<C as Controller>::Guards as GuardDeps>::Deps;

/// Adds the controller `C` to a module: what `#[module(controllers(C))]` calls.
///
/// Its guards are looked for where its own dependencies are: among the providers of the module
/// and what its imports export. In plain Rust:
///
/// ```
/// use purlin::core::{Definition, Module, Own, check, injectable};
/// use purlin::http::{self, GuardsOf, Json, controller};
///
/// #[injectable]
/// pub struct Greeter {}
///
/// #[controller("/greetings")]
/// impl Greeter {
///     #[get("/")]
///     #[public]
///     async fn greet(&self) -> Json<&'static str> {
///         Json("Good day")
///     }
/// }
///
/// pub struct GreetModule;
///
/// impl Module for GreetModule {
///     type Scope = (Own<Self>, ());
///
///     fn define(definition: &mut Definition) {
///         http::controller::<Greeter>(definition);
///     }
/// }
///
/// const _: fn() = check::dependencies_of::<GreetModule, Greeter, _>;
/// const _: fn() = check::all::<GreetModule, GuardsOf<Greeter>, _>;
/// ```
pub fn controller<C>(definition: &mut Definition)
where
    C: Controller + Injectable,
    C::Guards: GuardDeps,
{
    definition.component_with::<C, GuardsOf<C>>("controller", mount::<C>);
}

fn mount<C>(controller: Arc<C>, guards: Resolved<GuardsOf<C>>, hosts: &mut Hosts)
where
    C: Controller + Injectable,
    C::Guards: GuardDeps,
{
    let routes = C::routes(controller, guards);
    hosts.host::<RouteTable>().0.push(routes);
}
