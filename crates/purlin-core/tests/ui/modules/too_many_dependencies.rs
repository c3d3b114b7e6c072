//! Seventeen dependencies.
use std::sync::Arc;

use purlin_core::injectable;

#[injectable]
pub struct Everything {
    a: Arc<u8>, b: Arc<u8>, c: Arc<u8>, d: Arc<u8>, e: Arc<u8>, f: Arc<u8>, g: Arc<u8>, h: Arc<u8>,
    i: Arc<u8>, j: Arc<u8>, k: Arc<u8>, l: Arc<u8>, m: Arc<u8>, n: Arc<u8>, o: Arc<u8>, p: Arc<u8>,
    q: Arc<u8>,
}

fn main() {}
