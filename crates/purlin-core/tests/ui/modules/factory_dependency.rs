//! The factory of `Pool` needs a `Url`, and nobody provides one.
use std::sync::Arc;

use purlin_core::module;

pub struct Url(String);
pub struct Pool;

async fn connect(url: Arc<Url>) -> Result<Pool, std::io::Error> {
    drop(url);
    Ok(Pool)
}

#[module(providers(Pool = factory(connect)))]
pub struct DbModule;

fn main() {}
