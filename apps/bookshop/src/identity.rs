//! Signing in and out, by tokens.
//!
//! | part | what it does |
//! | --- | --- |
//! | `input`, `view` | what callers write, and what they are told |
//! | `credentials` | whose address and password these are |
//! | `service` | sign-ins: begun, carried on, ended |
//! | `cookie` | the refresh token in its cookie |
//! | `origin` | refuses what pages of other sites have sent |
//! | `controller` | the same over HTTP |

mod controller;
mod cookie;
mod credentials;
mod error;
mod input;
mod origin;
mod service;
mod view;

pub use controller::IdentityController;
pub use cookie::RefreshCookie;
pub use credentials::Credentials;
pub use error::IdentityError;
pub use input::SignInInput;
pub use origin::OwnPagesGuard;
pub use service::{SignIn, SignInService};
pub use view::{AccountView, RegisteredView, TokenView};

use purlin::prelude::*;

use crate::{
    access::{AccessModule, AuthSettingsModule, ShopAuthModule},
    limits::SignInLimit,
    schema::DatabaseModule,
    users::UsersModule,
    world::WorldModule,
};

/// Signing in and out.
#[module(
    imports(
        AccessModule,
        AuthSettingsModule,
        ConfigModule<SignInLimit>,
        DatabaseModule,
        ShopAuthModule,
        UsersModule,
        WorldModule,
    ),
    providers(Credentials, OwnPagesGuard, RefreshCookie, SignInService),
    controllers(IdentityController),
    exports(Credentials, SignInService)
)]
pub struct IdentityModule;
