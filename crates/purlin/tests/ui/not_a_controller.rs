//! A plain provider in the list of controllers.
use purlin::core::{injectable, module};

#[injectable]
pub struct BookController {}

#[module(controllers(BookController))]
pub struct BookModule;

fn main() {}
