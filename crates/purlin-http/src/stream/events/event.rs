//! One event, in which no field can begin another.

use std::{fmt, time::Duration};

use bytes::Bytes;
use purlin_base::{Classified, ErrorClass};
use serde::Serialize;

/// One server-sent event: a JSON document, with a name and an id if it needs them.
///
/// JSON written by serde holds no line break, so `data` is one line; names and ids that hold one
/// are refused.
///
/// # Examples
///
/// ```
/// use purlin_http::stream::Event;
///
/// let event = Event::new(&[1, 2])?.name("numbers")?.id("42")?;
/// assert_eq!(event.to_string(), "event: numbers\nid: 42\ndata: [1,2]\n\n");
/// assert!(Event::new(&1)?.name("a\ndata: forged").is_err());
/// # Ok::<(), purlin_http::stream::EventError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    name: Option<String>,
    id: Option<String>,
    retry: Option<Duration>,
    data: String,
}

/// Why something is no event.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The name is empty, holds a control character, or has more than
    /// [`NAME_BYTES_MAX`](Event::NAME_BYTES_MAX).
    #[error("the name of an event is 1 to 64 bytes without control characters")]
    Name,
    /// The id holds a control character, or has more than [`ID_BYTES_MAX`](Event::ID_BYTES_MAX).
    #[error("the id of an event is at most 256 bytes without control characters")]
    Id,
    /// The document is larger than [`DATA_BYTES_MAX`](Event::DATA_BYTES_MAX).
    #[error("the data of an event are {bytes} bytes, and at most 262144 are sent")]
    TooLarge {
        /// Bytes of the document.
        bytes: usize,
    },
    /// The value cannot be written as JSON.
    #[error("the data of an event cannot be written as JSON")]
    NotJson(#[source] serde_json::Error),
}

impl Classified for EventError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Name => "HTTP_EVENT_NAME",
            Self::Id => "HTTP_EVENT_ID",
            Self::TooLarge { .. } => "HTTP_EVENT_TOO_LARGE",
            Self::NotJson(_) => "HTTP_EVENT_NOT_JSON",
        }
    }
}

impl Event {
    /// Bytes of a name.
    pub const NAME_BYTES_MAX: usize = 64;
    /// Bytes of an id.
    pub const ID_BYTES_MAX: usize = 256;
    /// Bytes of the data as JSON: 256 KiB.
    pub const DATA_BYTES_MAX: usize = 256 * 1024;

    /// An event with `data` as JSON.
    ///
    /// # Errors
    ///
    /// [`EventError::NotJson`], [`EventError::TooLarge`].
    pub fn new<T: Serialize + ?Sized>(data: &T) -> Result<Self, EventError> {
        let data = serde_json::to_string(data).map_err(EventError::NotJson)?;
        if data.len() > Self::DATA_BYTES_MAX {
            let bytes = data.len();
            return Err(EventError::TooLarge { bytes });
        }
        Ok(Self {
            name: None,
            id: None,
            retry: None,
            data,
        })
    }

    /// Names it; without a name a browser calls it `message`.
    ///
    /// # Errors
    ///
    /// [`EventError::Name`].
    pub fn name(mut self, name: impl Into<String>) -> Result<Self, EventError> {
        let name = name.into();
        if name.is_empty() || name.len() > Self::NAME_BYTES_MAX || has_control(&name) {
            return Err(EventError::Name);
        }
        self.name = Some(name);
        Ok(self)
    }

    /// What the caller sends as `Last-Event-ID` when it comes back after this event. Empty: that it
    /// sends none.
    ///
    /// # Errors
    ///
    /// [`EventError::Id`].
    pub fn id(mut self, id: impl Into<String>) -> Result<Self, EventError> {
        let id = id.into();
        if !is_id(&id) {
            return Err(EventError::Id);
        }
        self.id = Some(id);
        Ok(self)
    }

    /// How long the caller waits before it comes back after the stream has ended, in whole
    /// milliseconds.
    pub fn retry(mut self, wait: Duration) -> Self {
        self.retry = Some(wait);
        self
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.to_string().into()
    }
}

/// Whether `id` may be the id of an event.
pub(super) fn is_id(id: &str) -> bool {
    id.len() <= Event::ID_BYTES_MAX && !has_control(id)
}

/// A line break begins another field, and an id with NUL is passed over by browsers.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// As it is sent.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            writeln!(f, "event: {name}")?;
        }
        if let Some(id) = &self.id {
            writeln!(f, "id: {id}")?;
        }
        if let Some(wait) = &self.retry {
            writeln!(f, "retry: {}", wait.as_millis())?;
        }
        write!(f, "data: {}\n\n", self.data)
    }
}
