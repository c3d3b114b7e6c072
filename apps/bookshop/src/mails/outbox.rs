//! The table of mails that are to be sent.

use std::sync::Arc;

use purlin::{
    prelude::*,
    queue::{QueueError, Queues},
    sql::Tx,
};
use purlin_base::{id::IdMaker, time::Clock};

use super::SendMail;

/// A mail to be sent.
///
/// Nothing that a stranger wrote belongs into subject or body: whoever can register with somebody
/// else's address could send them mail in our name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The address of its reader.
    pub recipient: String,
    /// One line.
    pub subject: &'static str,
    /// Plain text.
    pub body: String,
    /// Why it is sent: `account.registered`.
    pub kind: &'static str,
    /// Of all mails with the same key only the first is kept. `None`: each is.
    pub once_key: Option<String>,
}

/// Mails that are to be sent.
#[injectable]
pub struct MailOutbox {
    queues: Arc<Queues>,
    ids: Arc<IdMaker>,
    clock: Arc<dyn Clock>,
}

impl MailOutbox {
    /// Adds `mail` and the job that sends it in the transaction `tx`, and says whether it did: not if
    /// there is one with the same `once_key`.
    ///
    /// # Errors
    ///
    /// [`QueueError`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction: with it the mail is there or not.
    pub async fn add(&self, tx: &mut Tx, mail: Mail) -> Result<bool, QueueError> {
        let insert = "insert into mails (id, recipient, subject, body, kind, once_key, created_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (once_key) do nothing";
        let id = self.ids.make();
        let added = tx
            .query(insert)
            .bind(id)
            .bind(mail.recipient)
            .bind(mail.subject)
            .bind(mail.body)
            .bind(mail.kind)
            .bind(mail.once_key)
            .bind(self.clock.now())
            .execute()
            .await?;
        if added == 0 {
            return Ok(false);
        }
        self.queues.add(SendMail { mail: id }).within(tx).await?;
        Ok(true)
    }
}
