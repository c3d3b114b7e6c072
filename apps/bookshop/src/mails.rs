//! Mails: written in the transaction of what they tell of, together with the job that sends each.
//!
//! | part | what it does |
//! | --- | --- |
//! | `outbox` | the table `mails`, where they can be read in development |
//! | `job` | the job that sends one, once |
//! | `links` | where the links of mails lead |

mod job;
mod links;
mod outbox;

pub use job::{MailProcessor, SendMail};
pub use links::Links;
pub use outbox::{Mail, MailOutbox};

use purlin::prelude::*;

use crate::{jobs::QueuesModule, schema::DatabaseModule, settings::Settings, world::WorldModule};

/// The outbox.
#[module(
    imports(ConfigModule<Settings>, DatabaseModule, QueuesModule, WorldModule),
    providers(Links = factory(links), MailOutbox),
    processors(MailProcessor),
    exports(Links, MailOutbox)
)]
pub struct MailsModule;

fn links(settings: Arc<Settings>) -> Links {
    Links::of(&settings)
}
