//! `Smtp` is provided, but not as the `dyn Mailer` that is asked for.
use std::sync::Arc;

use purlin_core::{injectable, module};

pub trait Mailer: Send + Sync {}

#[injectable]
pub struct Smtp {}
impl Mailer for Smtp {}

#[injectable]
pub struct OrderService {
    mailer: Arc<dyn Mailer>,
}

#[module(providers(Smtp, OrderService))]
pub struct OrderModule;

fn main() {}
