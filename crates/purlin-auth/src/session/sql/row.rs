//! A session as a row.

use purlin_base::Timestamp;
use purlin_sql::{FromRow, Json};
use uuid::Uuid;

use crate::session::SessionRecord;

#[derive(FromRow)]
pub(super) struct SessionRow {
    public_id: Uuid,
    user_id: String,
    roles: Json<Vec<String>>,
    device: String,
    data: String,
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
    ends_at: Timestamp,
}

pub(super) const COLUMNS: &str = "public_id, user_id, roles, device, data, created_at, last_used_at, \
                       expires_at, ends_at";

impl From<SessionRow> for SessionRecord {
    fn from(row: SessionRow) -> Self {
        Self {
            public_id: row.public_id,
            user: row.user_id,
            roles: row.roles.0,
            device: row.device,
            data: row.data,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            ends_at: row.ends_at,
        }
    }
}
