//! Builds an application's providers, each once, and starts and stops them.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use purlin_base::BoxError;

use crate::{
    Graph, Hosts, Module, Shared, StartError,
    error::Panicked,
    graph::ProviderKind,
    injectable::{Slot, pack, unpack},
    name::Key,
    plan::Plan,
    provider::{Build, Built},
};

mod hooks;

use hooks::Hooks;

/// The built providers of an application.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::{Container, injectable, module};
///
/// #[injectable]
/// pub struct Stock {}
///
/// #[injectable]
/// pub struct Shop { stock: Arc<Stock> }
///
/// #[module(providers(Stock, Shop))]
/// pub struct ShopModule;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let container = Container::builder::<ShopModule>().build().await?;
/// container.start().await?;
/// let (shop, stock) = (container.get::<Shop>(), container.get::<Stock>());
/// assert!(shop.zip(stock).is_some_and(|(shop, stock)| Arc::ptr_eq(&shop.stock, &stock)));
/// container.stop(purlin_base::lifecycle::StopReason::Requested).await;
/// # Ok::<(), purlin_core::StartError>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Container {
    plan: Plan,
    /// What was built, by the index of its node; all there once `build` has returned.
    slots: Vec<Option<Slot>>,
    hooks: Hooks,
    hosts: Hosts,
}

/// What is done to a plan before it is checked.
type Change<'a> = &'a mut dyn FnMut(&mut Plan) -> Result<(), StartError>;

/// Gathers what is handed in from outside, then builds. Made by [`Container::builder`].
#[must_use = "nothing is built before `build`"]
pub struct ContainerBuilder {
    plan: fn(Change<'_>) -> Result<Plan, StartError>,
    inputs: Vec<(Key, Slot)>,
    overrides: Vec<(Key, Slot)>,
}

impl ContainerBuilder {
    /// Hands in the `T` of each [`ConfigModule<T>`](crate::ConfigModule). The last one counts.
    pub fn input<T: Shared>(self, value: T) -> Self {
        self.input_shared::<T>(Arc::new(value))
    }

    /// As [`input`](Self::input), for a trait: `input_shared::<dyn Clock>(clock)`.
    pub fn input_shared<T: ?Sized + Shared>(mut self, value: Arc<T>) -> Self {
        self.inputs.push((Key::of::<T>(), pack(value)));
        self
    }

    /// Puts `value` in the place of every provider of a `T`; the real ones are not built. For tests.
    ///
    /// What must be replaced by another type is bound as a trait:
    /// `override_value::<dyn Mailer>(Arc::new(FakeMailer))`. The last one counts. Its lifecycle
    /// hooks do not run: a test starts and stops its own things.
    pub fn override_value<T: ?Sized + Shared>(mut self, value: Arc<T>) -> Self {
        self.overrides.push((Key::of::<T>(), pack(value)));
        self
    }

    /// Resolves everything, then builds it, dependencies first.
    ///
    /// # Errors
    ///
    /// [`StartError`]; circles, gaps, missing inputs and unused overrides are found before the
    /// first provider is built.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops what was built so far; no hook has run.
    pub async fn build(self) -> Result<Container, StartError> {
        let Self {
            plan,
            inputs,
            overrides,
        } = self;
        let plan = plan(&mut |plan| fill(plan, &inputs, &overrides))?;
        Container::build(plan).await
    }
}

/// Gives `plan` what was handed in from outside.
fn fill(
    plan: &mut Plan,
    inputs: &[(Key, Slot)],
    overrides: &[(Key, Slot)],
) -> Result<(), StartError> {
    for (key, value) in inputs {
        let takers = plan.anywhere(*key).filter(|&at| is_input(plan, at));
        let takers: Vec<usize> = takers.collect();
        if takers.is_empty() {
            return Err(StartError::InputUnused { input: key.name() });
        }
        replace(plan, &takers, value, ProviderKind::Input);
    }
    for (key, value) in overrides {
        let found: Vec<usize> = plan.anywhere(*key).collect();
        if found.is_empty() {
            return Err(StartError::OverrideUnused {
                provided: key.name(),
            });
        }
        replace(plan, &found, value, ProviderKind::Override);
    }
    all_inputs_are_there(plan, inputs)
}

fn is_input(plan: &Plan, at: usize) -> bool {
    plan.nodes[at].node.kind == ProviderKind::Input
}

fn replace(plan: &mut Plan, nodes: &[usize], value: &Slot, kind: ProviderKind) {
    for &at in nodes {
        plan.nodes[at].node.replace_with(value.clone(), kind);
    }
}

fn all_inputs_are_there(plan: &Plan, inputs: &[(Key, Slot)]) -> Result<(), StartError> {
    let missing = (0..plan.nodes.len()).find_map(|at| {
        let key = plan.nodes[at]
            .node
            .provides
            .filter(|_| is_input(plan, at))?;
        let given = inputs.iter().any(|(input, _)| *input == key);
        (!given).then_some((at, key))
    });
    missing.map_or(Ok(()), |(at, key)| {
        Err(StartError::InputMissing {
            input: key.name(),
            module: plan.module_of(at).key.name(),
        })
    })
}

impl Container {
    /// Begins a container for the application whose root is `Root`.
    pub fn builder<Root: Module>() -> ContainerBuilder {
        ContainerBuilder {
            plan: |prepare| Plan::of::<Root>(prepare),
            inputs: Vec::new(),
            overrides: Vec::new(),
        }
    }

    async fn build(mut plan: Plan) -> Result<Self, StartError> {
        let mut slots: Vec<Option<Slot>> = vec![None; plan.nodes.len()];
        let mut lifecycles = vec![None; plan.nodes.len()];
        let mut attaching: Vec<_> = plan.nodes.iter().map(|_| None).collect();
        for at in build_order(&plan) {
            let deps: Vec<Slot> = plan.nodes[at]
                .deps
                .iter()
                .filter_map(|&dep| slots[dep].clone())
                .collect();
            let build = plan.nodes[at].node.take_build();
            let built = run(build, &deps).await;
            let built = built.map_err(|source| StartError::FactoryFailed {
                provider: plan.nodes[at].node.name(),
                module: plan.module_of(at).key.name(),
                source,
            })?;
            slots[at] = Some(built.slot);
            lifecycles[at] = built.lifecycle;
            attaching[at] = built.attach;
        }
        let mut hosts = Hosts::default();
        for attach in attaching.into_iter().flatten() {
            attach(&mut hosts);
        }
        let hooks = Hooks::new(&mut plan, &lifecycles);
        Ok(Self {
            plan,
            slots,
            hooks,
            hosts,
        })
    }

    /// The `T` that the root module provides or has in reach.
    pub fn get<T: ?Sized + Shared>(&self) -> Option<Arc<T>> {
        let found = self.plan.in_reach(0, Key::of::<T>());
        self.take(*found.first()?)
    }

    /// The `T` of any module, exported or not; the one nearest to the root. For tests and tools.
    pub fn find<T: ?Sized + Shared>(&self) -> Option<Arc<T>> {
        let at = self.plan.anywhere(Key::of::<T>()).next()?;
        self.take(at)
    }

    fn take<T: ?Sized + Shared>(&self, at: usize) -> Option<Arc<T>> {
        self.slots[at].as_ref().map(unpack)
    }

    /// The hosts that took up the components, such as the table of routes.
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// The hosts, to take one out.
    pub fn hosts_mut(&mut self) -> &mut Hosts {
        &mut self.hosts
    }

    /// The modules as data; overrides are shown as such.
    pub fn graph(&self) -> Graph {
        Graph::from_plan(&self.plan)
    }
}

impl std::fmt::Debug for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Container")
            .field("modules", &self.plan.modules.len())
            .field("providers", &self.slots.len())
            .finish_non_exhaustive()
    }
}

/// Modules farthest from the root first, inside each the dependencies first.
fn build_order(plan: &Plan) -> Vec<usize> {
    let levels = plan.order.iter().flat_map(|&module| &plan.levels[module]);
    levels.flatten().copied().collect()
}

/// Builds one node; a panic in user code becomes an error.
async fn run(build: Build, deps: &[Slot]) -> Result<Built, BoxError> {
    let making = AssertUnwindSafe(async { build(deps).await });
    making
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(Panicked::boxed(panic)))
}
