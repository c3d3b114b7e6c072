//! The accounts of a new database, so that a first look needs no registration.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use purlin::{prelude::*, sql::Tx};
use purlin_base::{BoxError, id::IdMaker, lifecycle::Lifecycle, time::Clock};

use super::{EmailAddress, PasswordKeeper, User, UserStore};
use crate::{
    roles::RoleName,
    settings::{Environment, Settings},
};

/// The accounts of a new database: address, name and role.
pub const SEEDED: [(&str, &str, RoleName); 3] = [
    ("admin@bookshop.test", "Ada Admin", RoleName::Admin),
    ("staff@bookshop.test", "Stan Staff", RoleName::Staff),
    ("reader@bookshop.test", "Rita Reader", RoleName::Reader),
];

/// The password of all of them, which everybody can read here.
pub const SEEDED_PASSWORD: &str = "correct-horse-battery";

/// Fills a new database with [`SEEDED`], once, and never in production.
///
/// A database that was new in production stays without them, whatever it is started as later.
#[injectable(lifecycle)]
pub struct AccountSeeder {
    store: Arc<UserStore>,
    passwords: Arc<dyn PasswordKeeper>,
    settings: Arc<Settings>,
    ids: Arc<IdMaker>,
    clock: Arc<dyn Clock>,
    seeded: Arc<Seeded>,
}

/// Whether this process has filled the database.
#[derive(Debug, Default)]
pub struct Seeded(AtomicBool);

impl Lifecycle for AccountSeeder {
    async fn on_module_init(&self) -> Result<(), BoxError> {
        if self.is_claimed().await? {
            return Ok(());
        }
        let users = match self.settings.app_env {
            Environment::Production => Vec::new(),
            _ => self.users().await?,
        };
        let added = self
            .store
            .db
            .transaction(async |tx| self.fill(tx, &users).await);
        if added.await? {
            self.seeded.0.store(!users.is_empty(), Relaxed);
            tracing::info!(accounts = users.len(), "a new database was given accounts");
        }
        Ok(())
    }
}

impl AccountSeeder {
    /// Whether this process has made the accounts: the database was new.
    pub fn has_seeded(&self) -> bool {
        self.seeded.0.load(Relaxed)
    }

    /// Looked at before anything is hashed: a start is not to wait for that.
    async fn is_claimed(&self) -> Result<bool, SqlError> {
        let claim = self
            .store
            .db
            .read()
            .query("select 1 from seeds where name = 'users'");
        Ok(claim.fetch_optional::<(i64,)>().await?.is_some())
    }

    async fn users(&self) -> Result<Vec<User>, BoxError> {
        let mut users = Vec::new();
        for (email, name, role) in SEEDED {
            // Each is hashed by itself: two accounts never share a salt.
            let hash = self.passwords.hash(SEEDED_PASSWORD).await;
            let now = self.clock.now();
            users.push(User {
                id: self.ids.make(),
                email: email.parse::<EmailAddress>()?,
                name: name.to_owned(),
                password_hash: hash.map_err(|error| error.to_string())?,
                roles: vec![role],
                verified_at: Some(now),
                created_at: now,
            });
        }
        Ok(users)
    }

    /// Whether the database was new.
    async fn fill(&self, tx: &mut Tx, users: &[User]) -> Result<bool, SqlError> {
        let claim = "insert into seeds (name, seeded_at) values ('users', $1) \
                     on conflict (name) do nothing";
        let claimed = tx.query(claim).bind(self.clock.now()).execute().await? > 0;
        if !claimed || has_users(tx).await? {
            return Ok(false);
        }
        for user in users {
            self.store.insert(tx, user).await?;
        }
        Ok(true)
    }
}

async fn has_users(tx: &mut Tx) -> Result<bool, SqlError> {
    let any = tx.query("select 1 from users limit 1");
    Ok(any.fetch_optional::<(i64,)>().await?.is_some())
}
