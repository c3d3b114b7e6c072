//! HTTP, tied to modules: controllers and their guards are found in the module that lists them.

use std::sync::{Arc, Mutex, PoisonError};

use purlin_base::health::DynHealthIndicator;
use purlin_core::{Definition, Dep, DepList, Hosts, Injectable, Resolved};
pub use purlin_http::*;

/// The host of all controllers: the routes they answer, in the order of the modules.
///
/// The lock is never contended: routes are `Send` but not `Sync`, and a host must be both.
#[derive(Default)]
pub struct RouteTable(Mutex<Vec<Routes>>);

impl RouteTable {
    fn add(&mut self, routes: Routes) {
        self.0
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .push(routes);
    }

    pub(crate) fn into_routes(self) -> Vec<Routes> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The host of everything that says whether it can work.
#[derive(Default)]
pub struct HealthTable(pub(crate) Vec<Arc<dyn DynHealthIndicator>>);

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
/// and what its imports export.
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
    hosts.host::<RouteTable>().add(routes);
}
