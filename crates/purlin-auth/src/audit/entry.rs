//! An event as it was written down.

use std::collections::BTreeMap;

use purlin_base::Timestamp;
use purlin_sql::FromRow;
use uuid::Uuid;

/// An event as it was written down.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct AuditEntry {
    /// Its identifier; later events of one process have greater ones.
    pub id: Uuid,
    /// What happened.
    pub kind: String,
    /// To whom.
    #[row(rename = "user_id")]
    pub user: Option<String>,
    /// From which network address.
    pub address: Option<String>,
    /// By which request.
    pub request_id: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What else was said.
    #[row(json)]
    pub details: BTreeMap<String, String>,
}
