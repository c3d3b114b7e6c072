//! `Clock` is provided here and exported by an import.
use std::sync::Arc;

use purlin_core::{injectable, module};

#[injectable]
pub struct Clock {}

#[module(providers(Clock), exports(Clock))]
pub struct TimeModule;

#[injectable]
pub struct OrderService {
    clock: Arc<Clock>,
}

#[module(imports(TimeModule), providers(Clock, OrderService))]
pub struct OrderModule;

fn main() {}
