//! The module of identity.

use std::{marker::PhantomData, sync::Arc};

use purlin_auth::access::{Authenticator, RoleSet};
use purlin_base::{BoxError, time::Clock};
use purlin_core::{ConfigModule, Definition, Exported, Exports, Module, Own, Provider, Provides};
use purlin_sql::Db;

use super::{AuthConfig, Background};

/// What an application says of its identity, and where the parts of it find what they need.
pub trait Identity: Send + Sync + 'static {
    /// The module with the database that identity is kept in. Its schema has
    /// [`MIGRATIONS`](crate::auth::MIGRATIONS) among its
    /// [`PARTS`](crate::sql::Schema::PARTS).
    type Database: Module + Exports<Db>;

    /// The module with the clock.
    type World: Module + Exports<dyn Clock>;

    /// Every role, with what it includes.
    fn roles() -> RoleSet;

    /// How callers are recognised.
    ///
    /// # Errors
    ///
    /// What keeps the application from starting.
    fn authenticator(parts: &IdentityParts) -> Result<Arc<dyn Authenticator>, BoxError>;

    /// Adds what is done again and again while the application runs. Default: nothing.
    fn background(_parts: &IdentityParts, background: Background) -> Background {
        background
    }
}

/// What identity is made of.
#[derive(Clone)]
#[non_exhaustive]
pub struct IdentityParts {
    /// The settings.
    pub config: Arc<AuthConfig>,
    /// The roles.
    pub roles: Arc<RoleSet>,
    /// Where it is kept.
    pub db: Arc<Db>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Provides and exports what guards need: the [`RoleSet`] and the `dyn Authenticator` of `S`.
///
/// The settings are an [`AuthConfig`] that is handed in at start by
/// [`App::input`](crate::App::input). What runs in the background begins once the application has
/// started, and ends before the database is closed.
///
/// A module that imports it lists its guards:
/// `#[module(imports(AuthModule<Shop>), providers(StaffGuard))]`.
pub struct AuthModule<S>(PhantomData<fn() -> S>);

impl<S: Identity> Module for AuthModule<S> {
    type Scope = (
        Own<Self>,
        (
            Exported<ConfigModule<AuthConfig>>,
            (Exported<S::Database>, (Exported<S::World>, ())),
        ),
    );

    fn define(definition: &mut Definition) {
        definition.import::<ConfigModule<AuthConfig>>();
        definition.import::<S::Database>();
        definition.import::<S::World>();
        definition.provide(Provider::<RoleSet>::factory(S::roles));
        definition.provide(Provider::<IdentityParts>::factory(parts));
        definition.provide(Provider::<dyn Authenticator>::factory(authenticator::<S>));
        definition.provide(Provider::<Background>::factory(background::<S>).lifecycle());
        definition.export::<RoleSet>();
        definition.export::<dyn Authenticator>();
    }
}

impl<S: Identity> Provides<RoleSet> for AuthModule<S> {}
impl<S: Identity> Exports<RoleSet> for AuthModule<S> {}
impl<S: Identity> Provides<IdentityParts> for AuthModule<S> {}
impl<S: Identity> Provides<dyn Authenticator> for AuthModule<S> {}
impl<S: Identity> Exports<dyn Authenticator> for AuthModule<S> {}
impl<S: Identity> Provides<Background> for AuthModule<S> {}

fn parts(
    config: Arc<AuthConfig>,
    roles: Arc<RoleSet>,
    db: Arc<Db>,
    clock: Arc<dyn Clock>,
) -> IdentityParts {
    IdentityParts {
        config,
        roles,
        db,
        clock,
    }
}

fn authenticator<S: Identity>(
    parts: Arc<IdentityParts>,
) -> Result<Arc<dyn Authenticator>, BoxError> {
    S::authenticator(&parts)
}

fn background<S: Identity>(parts: Arc<IdentityParts>) -> Background {
    S::background(&parts, Background::new(Arc::clone(&parts.clock)))
}
