//! `watch_heap serve`: the server of `watch`, with the allocator that knows for whom memory is held.

use std::error::Error;

use purlin::diagnostics::heap::ProfilingAllocator;
use purlin_benches::diagnosed;

#[global_allocator]
static ALLOCATOR: ProfilingAllocator = ProfilingAllocator::system();

fn main() -> Result<(), Box<dyn Error>> {
    diagnosed::serve(false)
}
