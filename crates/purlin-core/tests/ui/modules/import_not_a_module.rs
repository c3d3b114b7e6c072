//! A provider in the list of imports.
use purlin_core::{injectable, module};

#[injectable]
pub struct Stock {}

#[module(imports(Stock))]
pub struct ShopModule;

fn main() {}
