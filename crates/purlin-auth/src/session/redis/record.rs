//! A record as the fields of a hash, in the order of `prelude.lua`.

use purlin_base::Timestamp;

use crate::session::{SessionError, SessionRecord};

pub(super) fn fields(record: &SessionRecord) -> [String; 9] {
    [
        record.user.clone(),
        record.public_id.to_string(),
        roles(&record.roles),
        record.device.clone(),
        record.data.clone(),
        record.created_at.unix_micros().to_string(),
        record.last_used_at.unix_micros().to_string(),
        record.expires_at.unix_micros().to_string(),
        record.ends_at.unix_micros().to_string(),
    ]
}

pub(super) fn roles(roles: &[String]) -> String {
    serde_json::Value::from(roles).to_string()
}

/// Reads the fields; none at all is no session.
pub(super) fn read(fields: Vec<String>) -> Result<Option<SessionRecord>, SessionError> {
    if fields.is_empty() {
        return Ok(None);
    }
    let record = <[String; 9]>::try_from(fields).ok().and_then(parse);
    let damaged = || SessionError::Unavailable("a session in Redis cannot be read".into());
    record.map(Some).ok_or_else(damaged)
}

fn parse(fields: [String; 9]) -> Option<SessionRecord> {
    let [user, id, roles, device, data, created, last, expires, ends] = fields;
    let time = |micros: String| micros.parse().ok().map(Timestamp::from_unix_micros);
    Some(SessionRecord {
        public_id: id.parse().ok()?,
        user,
        roles: serde_json::from_str(&roles).ok()?,
        device,
        data,
        created_at: time(created)?,
        last_used_at: time(last)?,
        expires_at: time(expires)?,
        ends_at: time(ends)?,
    })
}
