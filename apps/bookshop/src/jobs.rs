//! Jobs of the bookshop: where they are kept, which are worked here, and how staff sees one.
//!
//! | part | what it does |
//! | --- | --- |
//! | `settings` | where jobs are kept, out of the settings of the bookshop |
//! | `lookup`, `view`, `controller` | one job, as staff sees it over HTTP |

mod controller;
mod error;
mod lookup;
mod settings;
mod view;

pub use controller::JobController;
pub use error::JobLookupError;
pub use lookup::JobLookup;
pub use settings::{JobSettingsModule, Role};
pub use view::JobView;

use purlin::{
    prelude::*,
    queue::{QueueModule, Queueing},
};

use crate::{identity::GuardsModule, schema::DatabaseModule, world::WorldModule};

/// The queues of the bookshop.
pub struct BookshopQueues;

impl Queueing for BookshopQueues {
    type Settings = JobSettingsModule;
    type Database = DatabaseModule;
    type World = WorldModule;
}

/// Adds jobs, and works those that a module lists.
pub type QueuesModule = QueueModule<BookshopQueues>;

/// Every queue of the bookshop.
pub const QUEUES: [&str; 2] = ["covers", "mails"];

/// Shows jobs.
#[module(
    imports(GuardsModule, QueuesModule),
    providers(JobLookup),
    controllers(JobController)
)]
pub struct JobsModule;
