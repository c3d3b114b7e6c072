//! A field that is not injected.
use std::sync::Arc;

use purlin_core::injectable;

#[injectable]
pub struct Stock {}

#[injectable]
pub struct OrderService {
    stock: Arc<Stock>,
    retries: u32,
}

fn main() {}
