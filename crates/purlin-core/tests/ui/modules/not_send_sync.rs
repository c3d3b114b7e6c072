//! Threads can't share a `Counter`.
use std::{cell::Cell, sync::Arc};

use purlin_core::{injectable, module};

pub struct Counter(Cell<u32>);

#[injectable]
pub struct OrderService {
    counter: Arc<Counter>,
}

#[module(providers(Counter = value(Counter(Cell::new(0))), OrderService))]
pub struct OrderModule;

fn main() {}
