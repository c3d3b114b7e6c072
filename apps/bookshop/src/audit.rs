//! What happened around identity, written down, and shown to admins.
//!
//! | part | what it does |
//! | --- | --- |
//! | `kind` | what can happen |
//! | `trail` | writes it down, with who asked and by which request |
//! | `view`, `controller` | events over HTTP, for admins |

mod controller;
pub mod kind;
mod trail;
mod view;

pub use controller::AuditController;
pub use trail::AuditTrail;
pub use view::AuditView;

use purlin::prelude::*;

use crate::{
    identity::{AccountPartsModule, GuardsModule},
    schema::DatabaseModule,
    secret::SecretModule,
};

/// What happened around identity.
#[module(
    imports(AccountPartsModule, DatabaseModule, GuardsModule, SecretModule),
    providers(AuditTrail),
    controllers(AuditController),
    exports(AuditTrail)
)]
pub struct AuditModule;
