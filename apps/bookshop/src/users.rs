//! People who can sign in.
//!
//! | part | what it does |
//! | --- | --- |
//! | `email`, `input` | what an address, a registration and a set of roles are: no HTTP, no SQL |
//! | `passwords` | what is asked of whoever keeps passwords |
//! | `row`, `store` | accounts in the database |
//! | `seed` | the accounts of a new database |
//! | `service`, `register` | what can be done with accounts |
//! | `new_password`, `verify` | passwords that are set anew, addresses that are confirmed |
//! | `view`, `controller` | accounts over HTTP, for admins |

mod controller;
mod email;
mod error;
mod input;
mod new_password;
mod passwords;
mod register;
mod row;
mod seed;
mod service;
mod store;
mod verify;
mod view;

pub use controller::UserController;
pub use email::{EMAIL_BYTES_MAX, EmailAddress, EmailError};
pub use error::UserError;
pub use input::{Registration, RolesInput};
pub use new_password::{FORGOT_PATH, NewPasswordService, RESET_PATH};
pub use passwords::{HashError, Hashing, PasswordKeeper};
pub use register::{RegisterService, Registered};
pub use seed::{AccountSeeder, SEEDED, SEEDED_PASSWORD, Seeded};
pub use service::UserService;
pub use store::{UserStore, roles_of};
pub use verify::{VERIFY_PATH, VerifyService};
pub use view::{USERS_PATH, UserView};

use std::sync::Arc;

use purlin::{auth::password::Passwords, prelude::*};
use uuid::Uuid;

use crate::{
    audit::AuditModule,
    identity::{AccountPartsModule, BookshopAuth, GuardsModule},
    mails::MailsModule,
    roles::RoleName,
    schema::DatabaseModule,
    secret::SecretModule,
    settings::Settings,
    world::WorldModule,
};

/// Accounts: kept, filled, and shown to admins.
#[module(
    imports(
        AccountPartsModule,
        AuditModule,
        BookshopAuth,
        ConfigModule<Settings>,
        DatabaseModule,
        MailsModule,
        SecretModule,
        GuardsModule,
        WorldModule,
    ),
    providers(
        dyn PasswordKeeper = factory(keeper),
        Seeded = factory(Seeded::default),
        UserStore,
        UserService,
        RegisterService,
        NewPasswordService,
        VerifyService,
        AccountSeeder,
    ),
    controllers(UserController),
    exports(
        UserStore,
        UserService,
        RegisterService,
        NewPasswordService,
        VerifyService,
    )
)]
pub struct UsersModule;

fn keeper(passwords: Arc<Passwords>) -> Arc<dyn PasswordKeeper> {
    passwords
}

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Its identifier; later accounts have greater ones.
    pub id: Uuid,
    /// The address it signs in by.
    pub email: EmailAddress,
    /// What others see of its owner.
    pub name: String,
    /// The hash of its password, a PHC string.
    pub password_hash: String,
    /// What its owner may be taken for, the least first.
    pub roles: Vec<RoleName>,
    /// When the owner proved to have the address.
    pub verified_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl User {
    /// Who is asking, if it is the owner.
    pub fn principal(&self) -> Principal {
        let roles = self.roles.iter().map(|role| role.as_str());
        Principal::new(&self.id.to_string(), roles)
    }
}

/// Without the hash.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("email", &self.email)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}
