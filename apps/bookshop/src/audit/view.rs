//! An event as admins see it.

use std::collections::BTreeMap;

use purlin::auth::audit::AuditEntry;
use purlin_base::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// An event as admins see it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "AuditEvent")]
pub struct AuditView {
    id: Uuid,
    /// What happened: `sign_in.failed`.
    kind: String,
    /// The account that it happened to, if there is one.
    user: Option<String>,
    /// The network address that it came from.
    address: Option<String>,
    /// The request that it came by.
    request_id: Option<String>,
    at: Timestamp,
    /// What else there is to say, such as the `reason`.
    details: BTreeMap<String, String>,
}

impl From<AuditEntry> for AuditView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind,
            user: entry.user,
            address: entry.address,
            request_id: entry.request_id,
            at: entry.at,
            details: entry.details,
        }
    }
}
