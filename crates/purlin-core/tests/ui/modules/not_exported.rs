//! `MailModule` provides `Smtp` and keeps it to itself.
use std::sync::Arc;

use purlin_core::{injectable, module};

#[injectable]
pub struct Smtp {}

#[module(providers(Smtp))]
pub struct MailModule;

#[injectable]
pub struct OrderService {
    smtp: Arc<Smtp>,
}

#[module(imports(MailModule), providers(OrderService))]
pub struct OrderModule;

fn main() {}
