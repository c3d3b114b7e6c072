//! The catalogue as a file.
//!
//! | part | what it does |
//! | --- | --- |
//! | `record` | a book as a row of the file |
//! | `service` | the rows, as a stream from the database |
//! | `controller` | the file over HTTP, for staff |

mod controller;
mod record;
mod service;

pub use controller::ExportController;
pub use record::{COLUMNS, ExportRecord};
pub use service::{ExportError, ExportService};

use purlin::prelude::*;

use crate::{compute::ComputeModule, identity::GuardsModule, schema::DatabaseModule};

/// The catalogue as a file.
#[module(
    imports(ComputeModule, DatabaseModule, GuardsModule),
    providers(ExportService),
    controllers(ExportController)
)]
pub struct ExportModule;
