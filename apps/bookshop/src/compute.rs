//! Threads for work that computes.

use purlin::{
    prelude::*,
    runtime::{CpuPool, cpu::CpuPoolError},
};

/// One pool for the whole program: what it computes for one caller is bounded by what it computes
/// for all.
#[module(providers(CpuPool = factory(pool)), exports(CpuPool))]
pub struct ComputeModule;

/// Stands back for the threads that answer: fifty sign-ins that hash must not hold up a read.
const NICENESS: u8 = 19;

fn pool() -> Result<CpuPool, CpuPoolError> {
    CpuPool::builder().niceness(NICENESS).build()
}
