//! Two imports export a `dyn Mailer`.
use std::sync::Arc;

use purlin_core::{injectable, module};

pub trait Mailer: Send + Sync {}

#[injectable]
pub struct Smtp {}
impl Mailer for Smtp {}

#[injectable]
pub struct Sendmail {}
impl Mailer for Sendmail {}

#[module(providers(Smtp as dyn Mailer), exports(dyn Mailer))]
pub struct SmtpModule;

#[module(providers(Sendmail as dyn Mailer), exports(dyn Mailer))]
pub struct SendmailModule;

#[injectable]
pub struct OrderService {
    mailer: Arc<dyn Mailer>,
}

#[module(imports(SmtpModule, SendmailModule), providers(OrderService))]
pub struct OrderModule;

fn main() {}
