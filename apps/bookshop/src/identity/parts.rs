//! One-time tokens, second factors and the audit, by the time, the chance and the secret of the
//! bookshop.

use std::sync::Arc;

use purlin::{
    auth::{
        audit::Audit,
        one_time::{OneTimeOptionError, OneTimeTokens},
        totp::{Totp, TotpError},
    },
    prelude::*,
};
use purlin_base::{id::IdMaker, random::Rng, time::Clock};

use super::SignInTickets;
use crate::{
    secret::{AppSecret, SecretModule},
    world::WorldModule,
};

/// What apps list second factors under.
const ISSUER: &str = "Bookshop";

/// What protects accounts beside passwords.
#[module(
    imports(SecretModule, WorldModule),
    providers(
        Audit = factory(audit),
        OneTimeTokens = factory(one_time),
        SignInTickets = factory(tickets),
        Totp = factory(totp),
    ),
    exports(Audit, OneTimeTokens, SignInTickets, Totp)
)]
pub struct AccountPartsModule;

fn audit(clock: Arc<dyn Clock>, ids: Arc<IdMaker>) -> Audit {
    Audit::new().clock(clock).ids((*ids).clone())
}

fn one_time(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> OneTimeTokens {
    OneTimeTokens::new().clock(clock).rng(rng)
}

fn tickets(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<SignInTickets, OneTimeOptionError> {
    SignInTickets::new(OneTimeTokens::new().clock(clock).rng(rng))
}

fn totp(
    secret: Arc<AppSecret>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
) -> Result<Totp, TotpError> {
    Ok(Totp::new(ISSUER, secret.bytes())?.clock(clock).rng(rng))
}
