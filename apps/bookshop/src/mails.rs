//! Mails that are to be sent: written in the transaction of what they tell of.
//!
//! Whoever sends them takes those that have no `sent_at`. In development they can be read in the
//! table `mails`.

mod outbox;

pub use outbox::{Mail, MailOutbox};

use purlin::prelude::*;

use crate::world::WorldModule;

/// The outbox.
#[module(imports(WorldModule), providers(MailOutbox), exports(MailOutbox))]
pub struct MailsModule;
