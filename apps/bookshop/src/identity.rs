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
//! | `browser` | sign-ins of browsers, by sessions and pages |

mod browser;
mod config;
mod controller;
mod cookie;
mod error;
mod guards;
mod input;
mod jwks;
mod sign_in;
mod tokens;
mod view;
mod words;

pub use browser::BrowserController;
pub use config::{BookshopIdentity, IdentityConfigModule};
pub use controller::AuthController;
pub use error::SignInError;
pub use guards::{
    AdminGuard, BrowserGuard, GuardsModule, OwnPagesGuard, SignInFormGuard, SignedInGuard,
    StaffGuard, VisitorGuard,
};
pub use jwks::JwksController;
pub use sign_in::SignInService;
pub use tokens::TokenService;

use purlin::{auth::AuthModule, prelude::*};

use crate::{
    limits::SignInLimit, pages::TemplatesModule, schema::DatabaseModule, users::UsersModule,
    world::WorldModule,
};

/// Passwords, tokens, sessions and keys of the bookshop.
pub type BookshopAuth = AuthModule<BookshopIdentity>;

/// Signing in and out.
#[module(
    imports(
        BookshopAuth,
        ConfigModule<SignInLimit>,
        DatabaseModule,
        GuardsModule,
        IdentityConfigModule,
        TemplatesModule,
        UsersModule,
        WorldModule,
    ),
    providers(SignInService, TokenService),
    controllers(AuthController, BrowserController, JwksController)
)]
pub struct IdentityModule;
