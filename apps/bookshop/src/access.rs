//! Who may call what: the guards of the shop, and what they stand on.

use std::sync::Arc;

use purlin::{
    auth::{self, AuthConfig, AuthConfigError, AuthModule, Bearer, Identity, RoleGuard, RoleSet},
    prelude::*,
};

use crate::{
    roles::{self, Admin, Reader, Staff},
    schema::DatabaseModule,
    secret::{AppSecret, SecretModule},
    settings::Settings,
    world::WorldModule,
};

/// Lets everybody pass, and recognises who shows a token; one that is shown must be good.
pub type VisitorGuard = auth::VisitorGuard<Bearer>;

/// Lets readers pass, and so everybody who has an account.
pub type ReaderGuard = RoleGuard<Reader, Bearer>;

/// Lets staff pass, and admins.
pub type StaffGuard = RoleGuard<Staff, Bearer>;

/// Lets admins pass.
pub type AdminGuard = RoleGuard<Admin, Bearer>;

/// Identity as the shop has it.
pub struct Shop;

/// Passwords, tokens and who may do what.
pub type ShopAuthModule = AuthModule<Shop>;

impl Identity for Shop {
    type Settings = AuthSettingsModule;
    type Database = DatabaseModule;
    type World = WorldModule;

    fn roles() -> RoleSet {
        roles::roles()
    }
}

/// The settings of identity, made of those of the shop.
#[module(
    imports(ConfigModule<Settings>, SecretModule),
    providers(AuthConfig = factory(config)),
    exports(AuthConfig),
)]
pub struct AuthSettingsModule;

/// The guards.
#[module(
    imports(ShopAuthModule),
    providers(VisitorGuard, ReaderGuard, StaffGuard, AdminGuard),
    exports(VisitorGuard, ReaderGuard, StaffGuard, AdminGuard)
)]
pub struct AccessModule;

/// Who issues tokens where no public address is set: the same for all processes on one database,
/// on whatever ports they listen.
const LOCAL_ISSUER: &str = "http://bookshop.localhost";

fn config(settings: Arc<Settings>, secret: Arc<AppSecret>) -> Result<AuthConfig, AuthConfigError> {
    let issuer = settings.public_url.as_deref().unwrap_or(LOCAL_ISSUER);
    AuthConfig::builder(issuer, secret.bytes())
        .access_ttl(settings.access_ttl)
        .refresh_ttl(settings.refresh_ttl)
        .refresh_grace(settings.refresh_grace)
        .session_idle(settings.session_idle)
        .session_absolute(settings.session_absolute)
        .build()
}
