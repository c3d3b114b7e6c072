//! Mails that are to be sent: written in the transaction of what they tell of.
//!
//! Whoever sends them takes those that have no `sent_at`. In development they can be read in the
//! table `mails`.

mod links;
mod outbox;

pub use links::Links;
pub use outbox::{Mail, MailOutbox};

use purlin::prelude::*;

use crate::{settings::Settings, world::WorldModule};

/// The outbox.
#[module(
    imports(ConfigModule<Settings>, WorldModule),
    providers(Links = factory(links), MailOutbox),
    exports(Links, MailOutbox)
)]
pub struct MailsModule;

fn links(settings: Arc<Settings>) -> Links {
    Links::of(&settings)
}
