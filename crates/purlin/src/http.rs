//! HTTP in modules: controllers, and what their guards need. The rest is [`purlin_http`].
//!
//! `#[module(controllers(BookController))]` calls [`controller`] and checks that the module has
//! in reach what the controller needs and each guard that its routes ask ([`GuardsOf`]).

use std::sync::Arc;

use purlin_core::{Definition, Dep, DepList, Hosts, Injectable, Resolved};

pub use purlin_http::*;

/// A list of guards as a list of dependencies: a guard is a provider of the module of the
/// controller, or of a module it imports.
pub trait GuardDeps: GuardSet {
    /// The same guards as dependencies.
    type Deps: DepList;

    /// The resolved guards, as [`Controller::routes`] takes them.
    fn arcs(found: Resolved<Self::Deps>) -> Self::Arcs;
}

impl GuardDeps for () {
    type Deps = ();

    fn arcs((): ()) {}
}

impl<G: Guard, R: GuardDeps> GuardDeps for (G, R) {
    type Deps = (Dep<G>, R::Deps);

    fn arcs((first, rest): (Arc<G>, Resolved<R::Deps>)) -> Self::Arcs {
        (first, R::arcs(rest))
    }
}

/// The guards of the controller `C`, as a list of dependencies.
pub type GuardsOf<C> = <<C as Controller>::Guards as GuardDeps>::Deps;

/// The host of controllers: the routes of each, in the order of their modules.
#[derive(Default)]
pub struct RouteTable {
    controllers: Vec<Routes>,
}

impl RouteTable {
    /// The routes of every controller.
    pub fn into_routes(self) -> Vec<Routes> {
        self.controllers
    }
}

/// Adds the controller `C` to a module: what `controllers(C)` expands to.
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

fn mount<C: Controller>(controller: Arc<C>, guards: Resolved<GuardsOf<C>>, hosts: &mut Hosts)
where
    C::Guards: GuardDeps,
{
    let routes = C::routes(controller, <C::Guards as GuardDeps>::arcs(guards));
    hosts.host::<RouteTable>().controllers.push(routes);
}
