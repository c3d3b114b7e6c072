//! How one provider is made.

use std::sync::{Arc, Mutex, PoisonError};

use purlin_base::{
    BoxError, BoxFuture,
    lifecycle::{Lifecycle, SharedLifecycle},
};

use crate::{
    DepList, Factory, Injectable, Resolved, Shared,
    graph::ProviderKind,
    injectable::{
        Slot, keys_of, pack,
        sealed::{Keys, Slots},
    },
    name::Key,
};

type Make<T> = Box<dyn FnOnce(&[Slot]) -> BoxFuture<'static, Result<Arc<T>, BoxError>> + Send>;
type HooksOf<T> = fn(&Arc<T>) -> Option<SharedLifecycle>;

/// How a `P` is made: by making a `T`, which is then seen as a `P`.
///
/// Handed to [`Definition::provide`](crate::Definition::provide).
pub struct Provider<T: ?Sized, P: ?Sized = T> {
    kind: ProviderKind,
    deps: Vec<Key>,
    make: Make<T>,
    hooks: HooksOf<T>,
    see_as: fn(Arc<T>) -> Arc<P>,
}

impl<T> Provider<T> {
    /// Built from its dependencies.
    pub fn class() -> Self
    where
        T: Injectable,
    {
        let make: Make<T> = Box::new(|slots| {
            let deps = T::Deps::resolve(&Slots(slots));
            Box::pin(async move { Ok(Arc::new(T::build(deps))) })
        });
        Self::new(
            ProviderKind::Class,
            keys_of::<T::Deps>(),
            make,
            T::lifecycle,
        )
    }

    /// The value of `make`, which is called when the container is built.
    pub fn value(make: impl FnOnce() -> T + Send + 'static) -> Self
    where
        T: Shared,
    {
        let make: Make<T> = Box::new(|_| Box::pin(async move { Ok(Arc::new(make())) }));
        Self::new(ProviderKind::Value, Vec::new(), make, |_| None)
    }

    /// Runs the hooks of the `T` at start and stop.
    #[must_use]
    pub fn lifecycle(self) -> Self
    where
        T: Shared + Lifecycle,
    {
        self.hooked(|made| Some(made.clone()))
    }
}

impl<T: ?Sized + Shared> Provider<T> {
    /// What `factory` makes from its dependencies.
    pub fn factory<D: DepList, K>(factory: impl Factory<T, D, K>) -> Self {
        let make: Make<T> = Box::new(|slots| factory.make(D::resolve(&Slots(slots))));
        Self::new(ProviderKind::Factory, keys_of::<D>(), make, |_| None)
    }

    /// Filled by the container, not by the module.
    pub(crate) fn input() -> Self {
        let make: Make<T> = Box::new(|_| Box::pin(async { Err("not handed in".into()) }));
        Self::new(ProviderKind::Input, Vec::new(), make, |_| None)
    }
}

impl<T: ?Sized> Provider<T> {
    fn new(kind: ProviderKind, deps: Vec<Key>, make: Make<T>, hooks: HooksOf<T>) -> Self {
        Self {
            kind,
            deps,
            make,
            hooks,
            see_as: |made| made,
        }
    }

    /// Provides a `P` instead: `Provider::<Smtp>::class().bound::<dyn Mailer>(|smtp| smtp)`.
    pub fn bound<P: ?Sized>(self, see_as: fn(Arc<T>) -> Arc<P>) -> Provider<T, P> {
        Provider {
            kind: self.kind,
            deps: self.deps,
            make: self.make,
            hooks: self.hooks,
            see_as,
        }
    }

    /// For `#[module]`, which finds out by itself whether a type has a lifecycle.
    #[doc(hidden)]
    #[must_use]
    pub fn hooked(mut self, hooks: HooksOf<T>) -> Self {
        self.hooks = hooks;
        self
    }
}

impl<T: ?Sized + Shared, P: ?Sized + Shared> Provider<T, P> {
    pub(crate) fn into_node(self) -> Node {
        let Self {
            kind,
            deps,
            make,
            hooks,
            see_as,
        } = self;
        let bound = Key::of::<T>() != Key::of::<P>();
        Node {
            provides: Some(Key::of::<P>()),
            made: bound.then(|| Key::of::<T>()),
            kind,
            deps,
            build: builder(move |slots| {
                let making = make(slots);
                Box::pin(async move {
                    let made = making.await?;
                    Ok(Built {
                        lifecycle: hooks(&made),
                        slot: pack(see_as(made)),
                        attach: None,
                    })
                })
            }),
        }
    }
}

/// One thing that the container builds.
pub(crate) struct Node {
    /// What others ask for it by; a component is asked for by nobody.
    pub(crate) provides: Option<Key>,
    /// The type that is really built, where it is another.
    pub(crate) made: Option<Key>,
    pub(crate) kind: ProviderKind,
    pub(crate) deps: Vec<Key>,
    /// Never locked: it makes the container `Sync` although a builder is only `Send`.
    build: Mutex<Build>,
}

pub(crate) type Build =
    Box<dyn FnOnce(&[Slot]) -> BoxFuture<'static, Result<Built, BoxError>> + Send>;

fn builder(
    build: impl FnOnce(&[Slot]) -> BoxFuture<'static, Result<Built, BoxError>> + Send + 'static,
) -> Mutex<Build> {
    Mutex::new(Box::new(build))
}

pub(crate) type Attach = Box<dyn FnOnce(&mut crate::Hosts) + Send>;

/// What building a node gives.
pub(crate) struct Built {
    pub(crate) slot: Slot,
    pub(crate) lifecycle: Option<SharedLifecycle>,
    pub(crate) attach: Option<Attach>,
}

impl Node {
    pub(crate) fn component<C: Injectable, D: DepList>(
        kind: &'static str,
        attach: fn(Arc<C>, Resolved<D>, &mut crate::Hosts),
    ) -> Self {
        let mut keys = Keys(keys_of::<C::Deps>());
        let own = keys.0.len();
        D::keys(&mut keys);
        Self {
            provides: None,
            made: Some(Key::of::<C>()),
            kind: ProviderKind::Component(kind),
            deps: keys.0,
            build: builder(move |slots| {
                let (own, more) = slots.split_at(own);
                let deps = C::Deps::resolve(&Slots(own));
                let more = D::resolve(&Slots(more));
                Box::pin(async move {
                    let built = Arc::new(C::build(deps));
                    let slot = pack(built.clone());
                    let lifecycle = C::lifecycle(&built);
                    Ok(Built {
                        slot,
                        lifecycle,
                        attach: Some(Box::new(move |hosts| attach(built, more, hosts))),
                    })
                })
            }),
        }
    }

    /// A node that gives `value` in place of what it would have built.
    pub(crate) fn replace_with(&mut self, value: Slot, kind: ProviderKind) {
        self.kind = kind;
        self.deps = Vec::new();
        self.made = None;
        self.build = builder(|_| {
            Box::pin(async {
                Ok(Built {
                    slot: value,
                    lifecycle: None,
                    attach: None,
                })
            })
        });
    }

    /// Takes the function that builds it, which is there until the container builds it.
    pub(crate) fn take_build(&mut self) -> Build {
        let built: Build = Box::new(|_| Box::pin(async { Err("it is built already".into()) }));
        let build = self.build.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(build, built)
    }

    /// What it is called in messages.
    pub(crate) fn name(&self) -> String {
        match (self.provides, self.made) {
            (Some(key), _) | (None, Some(key)) => key.name(),
            (None, None) => String::new(),
        }
    }
}
