//! The module of identity.

use std::{
    future::{self, Future},
    marker::PhantomData,
    sync::Arc,
};

use purlin_auth::{
    access::{Authenticator, RoleSet},
    password::{PasswordPolicy, Passwords},
    refresh::RefreshTokens,
    session::{SessionChanges, Sessions},
    standing::Standing,
    token::{AccessTokens, SigningKeys},
};
use purlin_base::{BoxError, id::IdMaker, random::Rng, time::Clock};
use purlin_core::{Definition, Exported, Exports, Module, Own, Provider, Provides};
use purlin_http::csrf::CsrfTokens;
use purlin_runtime::CpuPool;
use purlin_sql::{Db, SqlError};

use super::{AuthConfig, Background, IdentityParts, parts};

/// What an application says of its identity, and where the parts of it find what they need.
pub trait Identity: Send + Sync + 'static {
    /// The module with the settings: `ConfigModule<AuthConfig>` if they are handed in at start by
    /// [`App::input`](crate::App::input).
    type Settings: Module + Exports<AuthConfig>;

    /// The module with the database that identity is kept in. Its schema has
    /// [`MIGRATIONS`](crate::auth::MIGRATIONS) among its
    /// [`PARTS`](crate::sql::Schema::PARTS).
    type Database: Module + Exports<Db>;

    /// The module with the clock, chance, and what makes identifiers.
    type World: Module + Exports<dyn Clock> + Exports<dyn Rng> + Exports<IdMaker>;

    /// The module with the threads that passwords are hashed on. Build the pool with a
    /// [`niceness`](purlin_runtime::cpu::CpuPoolBuilder::niceness) of 19, so that a storm of sign-ins
    /// does not hold up other requests.
    type Compute: Module + Exports<CpuPool>;

    /// Every role, with what it includes.
    fn roles() -> RoleSet;

    /// Which new passwords are taken. Default: 12 to 128 code points, none of the common ones.
    /// [`refuse`](PasswordPolicy::refuse) what your users would think of first, such as the name of
    /// the application.
    ///
    /// # Errors
    ///
    /// What keeps the application from starting: a policy out of its bounds.
    fn password_policy() -> Result<PasswordPolicy, BoxError> {
        Ok(PasswordPolicy::default())
    }

    /// How callers are recognised. Default: by an access token that nobody has revoked, and then
    /// by the cookie of a session.
    ///
    /// # Errors
    ///
    /// What keeps the application from starting.
    fn authenticator(parts: &IdentityParts) -> Result<Arc<dyn Authenticator>, BoxError> {
        Ok(Arc::new(parts.authenticator()))
    }

    /// The roles that `user` has now; `None` if there is no such user. Asked with each load of a
    /// session that is not [kept in the database](super::SessionsIn). Default: none at all.
    ///
    /// # Errors
    ///
    /// [`SqlError`] if it cannot be found out: the request is then refused.
    fn roles_of(
        _db: &Db,
        _user: &str,
    ) -> impl Future<Output = Result<Option<Vec<String>>, SqlError>> + Send {
        future::ready(Ok(Some(Vec::new())))
    }

    /// Adds what is done again and again while the application runs, beside what identity needs
    /// itself. Default: nothing.
    fn background(_parts: &IdentityParts, background: Background) -> Background {
        background
    }
}

/// Provides and exports identity: what guards need (the [`RoleSet`] and the `dyn Authenticator` of
/// `S`), and what signs people in and out: [`Passwords`], [`SigningKeys`], [`AccessTokens`],
/// [`RefreshTokens`], [`Standing`], [`Sessions`] with their [`SessionChanges`], and
/// [`CsrfTokens`].
///
/// What runs in the background begins once the application has started, and ends before the
/// database is closed.
///
/// A module that imports it lists its guards:
/// `#[module(imports(AuthModule<Shop>), providers(StaffGuard))]`.
pub struct AuthModule<S>(PhantomData<fn() -> S>);

impl<S: Identity> Module for AuthModule<S> {
    type Scope = (
        Own<Self>,
        (
            Exported<S::Settings>,
            (
                Exported<S::Database>,
                (Exported<S::World>, (Exported<S::Compute>, ())),
            ),
        ),
    );

    fn define(definition: &mut Definition) {
        definition.import::<S::Settings>();
        definition.import::<S::Database>();
        definition.import::<S::World>();
        definition.import::<S::Compute>();
        definition.provide(Provider::<RoleSet>::factory(S::roles));
        definition.provide(Provider::<IdentityParts>::factory(parts::make::<S>));
        definition.provide(Provider::<dyn Authenticator>::factory(authenticator::<S>));
        definition.provide(Provider::<Background>::factory(background::<S>).lifecycle());
        definition.export::<RoleSet>();
        definition.export::<dyn Authenticator>();
        provide_parts(definition);
    }
}

impl<S: Identity> Provides<RoleSet> for AuthModule<S> {}
impl<S: Identity> Exports<RoleSet> for AuthModule<S> {}
impl<S: Identity> Provides<IdentityParts> for AuthModule<S> {}
impl<S: Identity> Provides<dyn Authenticator> for AuthModule<S> {}
impl<S: Identity> Exports<dyn Authenticator> for AuthModule<S> {}
impl<S: Identity> Provides<Background> for AuthModule<S> {}

/// Each part of [`IdentityParts`] by itself, for constructors.
macro_rules! parts_by_themselves {
    ($($part:ident = $field:ident,)*) => {
        $(
            impl<S: Identity> Provides<$part> for AuthModule<S> {}
            impl<S: Identity> Exports<$part> for AuthModule<S> {}
        )*

        fn provide_parts(definition: &mut Definition) {
            $(
                let part = |parts: Arc<IdentityParts>| Arc::clone(&parts.$field);
                definition.provide(Provider::<$part>::factory(part));
                definition.export::<$part>();
            )*
        }
    };
}

parts_by_themselves! {
    Passwords = passwords,
    SigningKeys = keys,
    AccessTokens = access_tokens,
    RefreshTokens = refresh_tokens,
    Standing = standing,
    Sessions = sessions,
    SessionChanges = session_changes,
    CsrfTokens = csrf,
}

fn authenticator<S: Identity>(
    parts: Arc<IdentityParts>,
) -> Result<Arc<dyn Authenticator>, BoxError> {
    S::authenticator(&parts)
}

fn background<S: Identity>(parts: Arc<IdentityParts>) -> Background {
    let background = Background::new(Arc::clone(&parts.clock));
    S::background(&parts, parts.background(background))
}
