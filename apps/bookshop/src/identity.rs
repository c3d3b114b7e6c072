//! Who asks: signing in and out, and the guards of everything else.
//!
//! | part | what it does |
//! | --- | --- |
//! | `config` | the settings of identity, from those of the bookshop |
//! | `words` | what is no password here, besides what is none anywhere |
//! | `guards` | who may pass |
//! | `sign_in` | an address and a password become a user |
//! | `tokens` | sign-ins of programs: access and refresh tokens |
//! | `cookie`, `view`, `input`, `controller` | these over HTTP |
//! | `browser`, `session_start` | sign-ins of browsers, by sessions and pages |
//! | `change_password` | another password, by the old one |
//! | `second_factor` | a code as well, for those who want it |
//! | `recovery` | passwords that were forgotten, and addresses to be confirmed |
//! | `parts`, `sweeps` | what these are made of, and how it is cleared away |

mod browser;
mod change_password;
mod config;
mod controller;
mod cookie;
mod error;
mod guards;
mod input;
mod jwks;
mod parts;
mod recovery;
mod second_factor;
mod session_start;
mod sign_in;
mod sweeps;
mod tokens;
mod view;
mod words;

pub use browser::BrowserController;
pub use change_password::ChangePasswordController;
pub use config::{BookshopIdentity, IdentityConfigModule};
pub use controller::AuthController;
pub use error::SignInError;
pub use guards::{
    AdminGuard, BrowserGuard, GuardsModule, OwnPagesGuard, SignInFormGuard, SignedInGuard,
    StaffGuard, VisitorGuard,
};
pub use jwks::JwksController;
pub use parts::AccountPartsModule;
pub use recovery::{
    EmailPagesController, PasswordController, PasswordPagesController, RecoveryPages,
};
pub use second_factor::{
    CodePage, Codes, SecondFactorController, SecondFactorService, SignInCodeController,
    SignInTickets,
};
pub use session_start::SessionStarter;
pub use sign_in::SignInService;
pub use tokens::TokenService;

use purlin::{auth::AuthModule, prelude::*};

use crate::{
    audit::AuditModule,
    limits::{CodeLimit, SignInLimit},
    mails::MailsModule,
    pages::TemplatesModule,
    schema::DatabaseModule,
    users::UsersModule,
    world::WorldModule,
};

/// Passwords, tokens, sessions and keys of the bookshop.
pub type BookshopAuth = AuthModule<BookshopIdentity>;

/// Signing in and out.
#[module(
    imports(
        AccountPartsModule,
        AuditModule,
        BookshopAuth,
        ConfigModule<CodeLimit>,
        ConfigModule<SignInLimit>,
        DatabaseModule,
        GuardsModule,
        IdentityConfigModule,
        MailsModule,
        TemplatesModule,
        UsersModule,
        WorldModule,
    ),
    providers(
        CodePage,
        Codes,
        RecoveryPages,
        SecondFactorService,
        SessionStarter,
        SignInService,
        TokenService,
    ),
    controllers(
        AuthController,
        BrowserController,
        ChangePasswordController,
        EmailPagesController,
        JwksController,
        PasswordController,
        PasswordPagesController,
        SecondFactorController,
        SignInCodeController,
    )
)]
pub struct IdentityModule;
