//! What comes in from outside of the program: the time, chance, and identifiers made of both.

use std::sync::Arc;

use purlin::prelude::*;
use purlin_base::{
    id::IdMaker,
    random::{OsRng, Rng},
    time::{Clock, SystemClock},
};

/// The machine's own clock and chance. A test overrides `dyn Clock` and `dyn Rng`.
#[module(
    providers(
        SystemClock as dyn Clock = value(SystemClock),
        OsRng as dyn Rng = value(OsRng),
        IdMaker = factory(ids),
    ),
    exports(dyn Clock, dyn Rng, IdMaker),
)]
pub struct WorldModule;

fn ids(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> IdMaker {
    IdMaker::new(clock, rng)
}
