//! The factory makes a `u8`, and a `Pool` is promised.
use purlin_core::module;

pub struct Pool;

async fn connect() -> Result<u8, std::io::Error> {
    Ok(1)
}

#[module(providers(Pool = factory(connect)))]
pub struct DbModule;

fn main() {}
