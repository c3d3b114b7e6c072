//! Events over HTTP, for admins.

use std::sync::Arc;

use purlin::{
    auth::audit::{Audit, AuditError},
    prelude::*,
    sql::cursor::CursorSigner,
};

use super::AuditView;
use crate::identity::AdminGuard;

/// Events over HTTP, for admins.
#[injectable]
pub struct AuditController {
    audit: Arc<Audit>,
    db: Arc<Db>,
    signer: Arc<CursorSigner>,
}

// Nobody's cache is to keep who did what.
#[controller("/admin/audit")]
#[cache_control("no-store")]
#[xml("event", "events")]
#[guard(AdminGuard)]
impl AuditController {
    /// Lists what happened around identity, the latest first.
    #[get]
    async fn list(&self, page: PageRequest) -> Result<Page<AuditView>, AuditError> {
        let events = self.audit.list_all(&self.db, &self.signer, page.asked());
        Ok(page.answer(events.await?.map(AuditView::from)))
    }
}
