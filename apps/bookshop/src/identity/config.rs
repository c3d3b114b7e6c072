//! The settings of identity, and where it finds the rest.

use std::sync::Arc;

use purlin::{
    auth::{
        AuthConfig, AuthConfigError, Background, Identity, IdentityParts, RoleSet, SessionsIn,
        password::PasswordPolicy,
    },
    base::BoxError,
    prelude::*,
};

use super::{sweeps, words};
use crate::{
    compute::ComputeModule,
    roles::roles,
    schema::DatabaseModule,
    secret::{AppSecret, SecretModule},
    settings::Settings,
    users::roles_of,
    world::WorldModule,
};

/// Who issues tokens where no public address is set: every process on one database says the same,
/// whatever port it listens on.
const ISSUER: &str = "http://bookshop.localhost";

/// For whom they are.
const AUDIENCE: &str = "bookshop";

/// The bookshop's identity.
pub struct BookshopIdentity;

impl Identity for BookshopIdentity {
    type Settings = IdentityConfigModule;
    type Database = DatabaseModule;
    type World = WorldModule;
    type Compute = ComputeModule;

    fn roles() -> RoleSet {
        roles()
    }

    fn password_policy() -> Result<PasswordPolicy, BoxError> {
        Ok(PasswordPolicy::default().refuse(words::REFUSED)?)
    }

    async fn roles_of(db: &Db, user: &str) -> Result<Option<Vec<String>>, SqlError> {
        roles_of(db, user).await
    }

    fn background(parts: &IdentityParts, background: Background) -> Background {
        sweeps::add(parts, background)
    }
}

/// Makes the settings of identity from those of the bookshop and its secret.
#[module(
    imports(ConfigModule<Settings>, SecretModule),
    providers(AuthConfig = factory(config)),
    exports(AuthConfig)
)]
pub struct IdentityConfigModule;

fn config(settings: Arc<Settings>, secret: Arc<AppSecret>) -> Result<AuthConfig, AuthConfigError> {
    let issuer = settings.public_url.as_deref().unwrap_or(ISSUER);
    AuthConfig::builder(issuer, secret.bytes())
        .audience(AUDIENCE)
        .access_ttl(settings.access_ttl)
        // A sign-in that ends before its access token does is of no use to anybody.
        .refresh_ttl(settings.refresh_ttl.max(settings.access_ttl))
        .refresh_grace(settings.refresh_grace)
        .session_absolute(settings.session_absolute)
        .session_idle(settings.session_idle.min(settings.session_absolute))
        .sessions_in(sessions_in(&settings))
        .build()
}

#[cfg(feature = "redis")]
fn sessions_in(settings: &Settings) -> SessionsIn {
    use crate::settings::SessionFormat;
    let Some(url) = settings.redis_url.clone() else {
        return SessionsIn::Database;
    };
    let secrets = settings.session_secrets.as_ref();
    match (settings.session_format, secrets) {
        (SessionFormat::Express, Some(secrets)) => SessionsIn::Express {
            url,
            secrets: secrets
                .expose()
                .split_ascii_whitespace()
                .map(str::to_owned)
                .collect(),
        },
        _ => SessionsIn::Redis { url },
    }
}

/// Nothing but a database is built in: the settings refuse the rest.
#[cfg(not(feature = "redis"))]
fn sessions_in(_: &Settings) -> SessionsIn {
    SessionsIn::Database
}
