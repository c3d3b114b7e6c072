//! Writes events down.

use std::sync::Arc;

use purlin::{
    auth::audit::{Audit, AuditError, AuditEvent},
    http::client_address::ClientAddress,
    prelude::*,
    sql::Tx,
};

/// Writes down what happened around identity.
#[injectable]
pub struct AuditTrail {
    audit: Arc<Audit>,
    db: Arc<Db>,
}

impl AuditTrail {
    /// An event of this `kind`, with the request that it came by and, if somebody is signed in,
    /// who that is.
    pub fn event(kind: &'static str) -> AuditEvent {
        let event = AuditEvent::new(kind);
        let known = Context::with_current(|context| {
            let by = context.principal().map(|who| who.id().to_owned());
            (context.request_id().to_owned(), by)
        });
        let Some((request, by)) = known else {
            return event;
        };
        let event = event.request_id(&request);
        match by {
            Some(by) => event.detail("by", &by),
            None => event,
        }
    }

    /// The same, with the network address that it came `from`.
    pub fn event_from(kind: &'static str, from: &ClientAddress) -> AuditEvent {
        let event = Self::event(kind);
        match from.ip() {
            Some(address) => event.address(&address.to_string()),
            None => event,
        }
    }

    /// Writes `event` down in the transaction of what it tells of.
    ///
    /// # Errors
    ///
    /// [`AuditError::Sql`].
    pub async fn record(&self, tx: &mut Tx, event: &AuditEvent) -> Result<(), AuditError> {
        self.audit.record(tx, event).await
    }

    /// Writes `event` down by itself: there is no change that it belongs to.
    ///
    /// # Errors
    ///
    /// [`AuditError::Sql`].
    pub async fn record_alone(&self, event: &AuditEvent) -> Result<(), AuditError> {
        self.audit.record_alone(&self.db, event).await
    }
}
