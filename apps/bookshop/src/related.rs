//! Books that are like a book.
//!
//! | part | what it does |
//! | --- | --- |
//! | `likeness` | how alike two books are: arithmetic, no HTTP, no SQL, no clock |
//! | `index` | what of every book is compared, made once for many questions |
//! | `service` | keeps the index fresh, and computes on the pool |
//! | `view`, `controller` | the answer over HTTP |
//!
//! To compare a book with all others takes milliseconds, in which a thread that answers requests
//! would answer nobody. So it runs on the CPU pool in pieces, and ends with the caller who asked.

mod controller;
mod error;
mod index;
mod likeness;
mod service;
mod view;

pub use controller::RelatedController;
pub use error::RelatedError;
pub use service::{FRESH_FOR, RelatedService};
pub use view::{RelatedBookView, RelatedView};

use purlin::prelude::*;

use crate::{
    books::BooksModule, compute::ComputeModule, identity::GuardsModule, world::WorldModule,
};

/// Books that are like a book.
#[module(
    imports(BooksModule, ComputeModule, GuardsModule, WorldModule),
    providers(RelatedService),
    controllers(RelatedController)
)]
pub struct RelatedModule;
