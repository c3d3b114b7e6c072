//! A class without `#[injectable]`.
use purlin_core::module;

pub struct Stock;

#[module(providers(Stock))]
pub struct StockModule;

fn main() {}
