//! `OrderService` needs a `Stock`, and nobody provides one.
use std::sync::Arc;

use purlin_core::{injectable, module};

#[injectable]
pub struct Stock {}

#[injectable]
pub struct OrderService {
    stock: Arc<Stock>,
}

#[module(providers(OrderService))]
pub struct OrderModule;

fn main() {}
