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

use crate::{access::AccessModule, compute::ComputeModule, schema::DatabaseModule};

/// The catalogue as a file.
#[module(
    imports(ComputeModule, DatabaseModule, AccessModule),
    providers(ExportService),
    controllers(ExportController)
)]
pub struct ExportModule;
