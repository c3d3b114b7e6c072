//! Threads for work that computes.

use purlin::{
    prelude::*,
    runtime::{CpuPool, cpu::CpuPoolError},
};

/// One pool for the whole program: what it computes for one caller is bounded by what it computes
/// for all.
#[module(providers(CpuPool = factory(pool)), exports(CpuPool))]
pub struct ComputeModule;

fn pool() -> Result<CpuPool, CpuPoolError> {
    CpuPool::builder().build()
}
