//! The module of identity.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use purlin_auth::{
    access::{Authenticator, Authenticators, BearerAuthenticator, RoleSet, StandingTokens},
    password::Passwords,
    refresh::RefreshTokens,
    standing::Standing,
    token::{AccessTokens, SigningKeys},
};
use purlin_base::{BoxError, id::IdMaker, random::Rng, time::Clock};
use purlin_core::{
    Definition, Dep, Exported, Exports, Hosts, Injectable, Module, Own, Provider, Provides,
    Resolved,
};
use purlin_runtime::CpuPool;
use purlin_sql::Db;

use super::{AuthConfig, Background};
use crate::http::RouteTable;

/// How often rows that nothing depends on any more are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Rows that one sweep deletes at most.
const SWEEP_ROWS: u32 = 1_000;

/// What an application says of its identity, and where the parts of it find what they need.
pub trait Identity: Send + Sync + 'static {
    /// The module with the settings: [`ConfigModule<AuthConfig>`](purlin_core::ConfigModule) if
    /// they are handed in by [`App::input`](crate::App::input).
    type Settings: Module + Exports<AuthConfig>;

    /// The module with the database that identity is kept in. Its schema has
    /// [`MIGRATIONS`](crate::auth::MIGRATIONS) among its
    /// [`PARTS`](crate::sql::Schema::PARTS).
    type Database: Module + Exports<Db>;

    /// The module with the clock and with chance.
    type World: Module + Exports<dyn Clock> + Exports<dyn Rng>;

    /// Every role, with what it includes.
    fn roles() -> RoleSet;

    /// How callers are recognised. Default: by access tokens, as `Authorization: Bearer`.
    ///
    /// # Errors
    ///
    /// What keeps the application from starting.
    fn authenticator(parts: &IdentityParts) -> Result<Arc<dyn Authenticator>, BoxError> {
        Ok(Arc::new(Authenticators::first(parts.bearer())))
    }

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
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// The keys that tokens are signed by.
    pub keys: SigningKeys,
    /// Access tokens.
    pub tokens: AccessTokens,
    /// What has become of them since.
    pub standing: Standing,
    /// Refresh tokens.
    pub refresh: RefreshTokens,
    /// Passwords.
    pub passwords: Passwords,
}

impl IdentityParts {
    /// Recognises whoever shows a good access token.
    pub fn bearer(&self) -> BearerAuthenticator<StandingTokens> {
        let tokens = StandingTokens::new(
            self.tokens.clone(),
            self.keys.clone(),
            self.standing.clone(),
        );
        BearerAuthenticator::new(tokens, (*self.roles).clone())
    }

    async fn open(
        config: Arc<AuthConfig>,
        roles: Arc<RoleSet>,
        db: Arc<Db>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, BoxError> {
        let keys = SigningKeys::builder((*db).clone(), config.secret())
            .token_ttl(config.access_ttl())
            .clock(Arc::clone(&clock))
            .rng(Arc::clone(&rng))
            .open()
            .await?;
        let tokens = AccessTokens::builder(config.issuer(), config.audience(), keys.ring())
            .ttl(config.access_ttl())
            .clock(Arc::clone(&clock))
            .rng(Arc::clone(&rng))
            .build()?;
        let standing = Standing::builder(&db)
            .access_ttl_max(config.access_ttl())
            .clock(Arc::clone(&clock))
            .load()
            .await?;
        let refresh = RefreshTokens::builder(&standing, config.secret())
            .ttl(config.refresh_ttl())
            .grace(config.refresh_grace())
            .clock(Arc::clone(&clock))
            .rng(Arc::clone(&rng))
            .ids(IdMaker::new(Arc::clone(&clock), Arc::clone(&rng)))
            .build()?;
        Ok(Self {
            passwords: passwords(Arc::clone(&rng))?,
            config,
            roles,
            db,
            clock,
            rng,
            keys,
            tokens,
            standing,
            refresh,
        })
    }
}

/// Passwords on threads of their own, which stand back for everything else.
fn passwords(rng: Arc<dyn Rng>) -> Result<Passwords, BoxError> {
    const NICENESS: u8 = 10;
    let pool = CpuPool::builder().name("passwords").niceness(NICENESS);
    Ok(Passwords::builder(pool.build()?).rng(rng).build()?)
}

/// Provides and exports what guards and sign-ins need: the [`RoleSet`] and the `dyn Authenticator`
/// of `S`, [`Passwords`], [`AccessTokens`], [`RefreshTokens`], [`Standing`] and [`SigningKeys`],
/// whose public halves it publishes at `/.well-known/jwks.json`.
///
/// What runs in the background begins once the application has started, and ends before the
/// database is closed: keys are kept fresh, revocations by other processes are heard of, rows that
/// have ended are deleted.
///
/// A module that imports it lists its guards:
/// `#[module(imports(AuthModule<Shop>), providers(StaffGuard))]`.
pub struct AuthModule<S>(PhantomData<fn() -> S>);

impl<S: Identity> Module for AuthModule<S> {
    type Scope = (
        Own<Self>,
        (
            Exported<S::Settings>,
            (Exported<S::Database>, (Exported<S::World>, ())),
        ),
    );

    fn define(definition: &mut Definition) {
        definition.import::<S::Settings>();
        definition.import::<S::Database>();
        definition.import::<S::World>();
        definition.provide(Provider::<RoleSet>::factory(S::roles));
        definition.provide(Provider::<IdentityParts>::factory(IdentityParts::open));
        definition.provide(Provider::<dyn Authenticator>::factory(authenticator::<S>));
        definition.provide(Provider::<Background>::factory(background::<S>).lifecycle());
        definition.component::<PublicKeys>("public keys", PublicKeys::attach);
        provide_parts(definition);
        definition.export::<RoleSet>();
        definition.export::<dyn Authenticator>();
    }
}

/// Declares a part as a provider that is exported, and offers it for injection.
macro_rules! parts {
    ($($part:ident: $type:ty),+ $(,)?) => {
        fn provide_parts(definition: &mut Definition) {
            $(
                definition.provide(Provider::<$type>::factory(
                    |parts: Arc<IdentityParts>| parts.$part.clone(),
                ));
                definition.export::<$type>();
            )+
        }

        $(
            impl<S: Identity> Provides<$type> for AuthModule<S> {}
            impl<S: Identity> Exports<$type> for AuthModule<S> {}
        )+
    };
}

parts! {
    keys: SigningKeys,
    tokens: AccessTokens,
    standing: Standing,
    refresh: RefreshTokens,
    passwords: Passwords,
}

impl<S: Identity> Provides<RoleSet> for AuthModule<S> {}
impl<S: Identity> Exports<RoleSet> for AuthModule<S> {}
impl<S: Identity> Provides<IdentityParts> for AuthModule<S> {}
impl<S: Identity> Provides<dyn Authenticator> for AuthModule<S> {}
impl<S: Identity> Exports<dyn Authenticator> for AuthModule<S> {}
impl<S: Identity> Provides<Background> for AuthModule<S> {}

fn authenticator<S: Identity>(
    parts: Arc<IdentityParts>,
) -> Result<Arc<dyn Authenticator>, BoxError> {
    S::authenticator(&parts)
}

fn background<S: Identity>(parts: Arc<IdentityParts>) -> Background {
    let (keys, standing) = (parts.keys.clone(), parts.standing.clone());
    let background = Background::new(Arc::clone(&parts.clock))
        .forever("signing keys", move || keys.clone().keep_fresh())
        .forever("revocations", move || {
            let standing = standing.clone();
            async move { standing.run().await }
        });
    let (standing, refresh) = (parts.standing.clone(), parts.refresh.clone());
    let background = background.every("ended sign-ins", SWEEP_EVERY, move || {
        let (standing, refresh) = (standing.clone(), refresh.clone());
        async move {
            standing.sweep(SWEEP_ROWS).await?;
            refresh.sweep(SWEEP_ROWS).await?;
            Ok(())
        }
    });
    S::background(&parts, background)
}

/// Publishes the public keys.
struct PublicKeys {
    parts: Arc<IdentityParts>,
}

impl Injectable for PublicKeys {
    type Deps = (Dep<IdentityParts>, ());

    fn build((parts, ()): Resolved<Self::Deps>) -> Self {
        Self { parts }
    }
}

impl PublicKeys {
    fn attach(keys: Arc<Self>, (): (), hosts: &mut Hosts) {
        let clock = Arc::clone(&keys.parts.clock);
        let routes = keys.parts.keys.ring().routes(clock);
        hosts.host::<RouteTable>().0.push(routes);
    }
}
