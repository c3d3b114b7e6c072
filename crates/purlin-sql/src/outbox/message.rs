//! A message, and what becomes of it.

use purlin_base::Timestamp;
use serde_json::{Map, Value as JsonValue};
use uuid::Uuid;

use crate::{
    FromRow, Row, RowError, Value,
    outbox::{DESTINATION_BYTES_MAX, KEY_BYTES_MAX, OutboxError, SINK_BYTES_MAX, headers},
};

/// A message for another system.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxMessage {
    /// What the consumer dedupes by. Make it before the transaction, with
    /// [`IdMaker`](purlin_base::id::IdMaker).
    pub id: Uuid,
    /// Which [`Sink`](super::Sink) sends it: 1 to 63 of the characters `a-z 0-9 _ - .`.
    pub sink: String,
    /// Where the sink sends it: a queue, a topic, an exchange. 1 to 255 bytes without control
    /// characters.
    pub destination: String,
    /// Messages of one destination and key are sent in order, and one that fails holds back those
    /// behind it. 1 to 255 bytes without control characters. Without a key a message waits for no
    /// other.
    pub key: Option<String>,
    /// What goes beside the body.
    pub headers: Map<String, JsonValue>,
    /// The content. Its form is between the writer and the consumer.
    pub body: Vec<u8>,
}

impl OutboxMessage {
    /// A message without a key and without headers.
    pub fn new(
        id: Uuid,
        sink: impl Into<String>,
        destination: impl Into<String>,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            id,
            sink: sink.into(),
            destination: destination.into(),
            key: None,
            headers: Map::new(),
            body: body.into(),
        }
    }

    /// With a key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<JsonValue>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Refuses fields that no sink could take.
    pub(super) fn check(&self) -> Result<(), OutboxError> {
        check_sink(&self.sink)?;
        if !is_plain(&self.destination, DESTINATION_BYTES_MAX) {
            return Err(OutboxError::Destination);
        }
        match &self.key {
            Some(key) if !is_plain(key, KEY_BYTES_MAX) => Err(OutboxError::Key),
            _ => Ok(()),
        }
    }

    /// The headers as they are kept, and the bytes that count.
    pub(super) fn measure(&self, bytes_max: usize) -> Result<(Value, i64), OutboxError> {
        let headers = serde_json::to_string(&self.headers).expect("values of JSON serialise");
        let bytes = headers.len() + self.body.len();
        if bytes > bytes_max {
            return Err(OutboxError::TooLarge { bytes, bytes_max });
        }
        let size = i64::try_from(bytes).unwrap_or(i64::MAX);
        Ok((Value::Json(headers), size))
    }
}

/// Refuses what is no name for a sink.
pub(super) fn check_sink(name: &str) -> Result<(), OutboxError> {
    let of_a_name = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_-.".contains(&c);
    if (1..=SINK_BYTES_MAX).contains(&name.len()) && name.bytes().all(of_a_name) {
        return Ok(());
    }
    Err(OutboxError::Sink {
        name: name.chars().take(SINK_BYTES_MAX).collect(),
    })
}

fn is_plain(text: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&text.len()) && !text.contains(char::is_control)
}

/// What becomes of a message that is not sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageState {
    /// It will be sent.
    Waiting,
    /// It will not be sent before somebody [requeues](super::Outbox::requeue) it.
    Parked {
        /// What the sink said.
        reason: String,
        /// Since when.
        since: Timestamp,
    },
}

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredMessage {
    /// Its place in the order of sending. For walking through a list.
    pub seq: i64,
    /// The message.
    pub message: OutboxMessage,
    /// What becomes of it.
    pub state: MessageState,
    /// How often it has failed.
    pub attempts: u32,
    /// Why it failed last.
    pub last_failure: Option<String>,
    /// When it was put.
    pub created_at: Timestamp,
}

impl FromRow for OutboxMessage {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        Ok(Self {
            id: row.get("id")?,
            sink: row.get("sink")?,
            destination: row.get("destination")?,
            key: row.get("key")?,
            headers: headers(row)?,
            body: row.get("body")?,
        })
    }
}

impl FromRow for StoredMessage {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        let last_failure = row.get::<Option<String>>("reason")?;
        let state = match row.get("parked_at")? {
            None => MessageState::Waiting,
            Some(since) => MessageState::Parked {
                reason: last_failure.clone().unwrap_or_default(),
                since,
            },
        };
        Ok(Self {
            seq: row.get("seq")?,
            message: OutboxMessage::from_row(row)?,
            state,
            attempts: row.get("attempts")?,
            last_failure,
            created_at: row.get("created_at")?,
        })
    }
}
