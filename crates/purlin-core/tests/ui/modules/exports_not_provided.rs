//! What is exported must be provided.
use purlin_core::{injectable, module};

#[injectable]
pub struct Stock {}

#[module(exports(Stock))]
pub struct StockModule;

fn main() {}
