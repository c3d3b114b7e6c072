//! What a module says about itself.

use std::sync::Arc;

use purlin_base::lifecycle::{Lifecycle, SharedLifecycle};

use crate::{
    DepList, Exports, Hosts, Injectable, Module, Provider, Resolved, Shared, name::Key,
    provider::Node,
};

/// What a module says about itself, filled by [`Module::define`].
#[derive(Default)]
pub struct Definition {
    pub(crate) imports: Vec<Import>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) exports: Vec<Key>,
    pub(crate) lifecycle: Option<SharedLifecycle>,
}

/// One module, as others refer to it.
#[derive(Clone, Copy)]
pub(crate) struct Import {
    pub(crate) key: Key,
    pub(crate) define: fn(&mut Definition),
}

impl Import {
    pub(crate) fn of<M: Module>() -> Self {
        Self {
            key: Key::of::<M>(),
            define: M::define,
        }
    }
}

impl Definition {
    /// Imports `M`: what it exports is in reach here. A module that several import is built once.
    pub fn import<M: Module>(&mut self) -> &mut Self {
        self.imports.push(Import::of::<M>());
        self
    }

    /// Provides what `provider` makes, once for the whole application.
    pub fn provide<T, P>(&mut self, provider: Provider<T, P>) -> &mut Self
    where
        T: ?Sized + Shared,
        P: ?Sized + Shared,
    {
        self.nodes.push(provider.into_node());
        self
    }

    /// Provides the `T` that is handed in by
    /// [`ContainerBuilder::input`](crate::ContainerBuilder::input).
    pub fn input<T: ?Sized + Shared>(&mut self) -> &mut Self {
        self.nodes.push(Provider::<T>::input().into_node());
        self
    }

    /// Lets those who import this module have its `T`.
    pub fn export<T: ?Sized + Shared>(&mut self) -> &mut Self {
        self.exports.push(Key::of::<T>());
        self
    }

    /// Builds a `C` that nobody asks for, and hands it to a host: a controller, a job processor.
    ///
    /// `kind` names it in graphs: `controller`. `attach` runs once everything is built.
    pub fn component<C: Injectable>(
        &mut self,
        kind: &'static str,
        attach: fn(Arc<C>, (), &mut Hosts),
    ) -> &mut Self {
        self.component_with::<C, ()>(kind, attach)
    }

    /// As [`component`](Self::component), with `D` beside what the `C` itself needs: a
    /// controller's guards.
    pub fn component_with<C: Injectable, D: DepList>(
        &mut self,
        kind: &'static str,
        attach: fn(Arc<C>, Resolved<D>, &mut Hosts),
    ) -> &mut Self {
        self.nodes.push(Node::component::<C, D>(kind, attach));
        self
    }

    /// The module's own hooks, which run after those of its providers.
    pub fn lifecycle(&mut self, hooks: impl Lifecycle) -> &mut Self {
        self.lifecycle = Some(Arc::new(hooks));
        self
    }
}

/// Provides and exports a `T` that is made before the container: settings, above all.
///
/// ```
/// use purlin_core::{ConfigModule, Container, injectable, module};
/// use std::sync::Arc;
///
/// pub struct Settings { pub title: String }
///
/// #[injectable]
/// pub struct Greeter { settings: Arc<Settings> }
///
/// #[module(imports(ConfigModule<Settings>), providers(Greeter))]
/// pub struct AppModule;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let settings = Settings { title: "Good day".into() };
/// let container = Container::builder::<AppModule>().input(settings).build().await?;
/// assert_eq!(container.get::<Greeter>().map(|it| it.settings.title.clone()), Some("Good day".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ConfigModule<T: ?Sized>(std::marker::PhantomData<fn() -> Arc<T>>);

impl<T: ?Sized + Shared> Module for ConfigModule<T> {
    type Scope = (crate::Own<Self>, ());

    fn define(definition: &mut Definition) {
        definition.input::<T>().export::<T>();
    }
}

impl<T: ?Sized + Shared> crate::Provides<T> for ConfigModule<T> {}
impl<T: ?Sized + Shared> Exports<T> for ConfigModule<T> {}
