//! The identifier of a request, kept without an allocation where it is short.

use std::fmt;

/// Those that are made for a request are this long.
const SHORT_BYTES: usize = 32;

/// The identifier of a request.
#[derive(Clone)]
pub(super) enum RequestId {
    Short([u8; SHORT_BYTES], u8),
    Long(Box<str>),
}

impl RequestId {
    pub(super) fn new(id: &str) -> Self {
        let mut bytes = [0; SHORT_BYTES];
        match bytes.get_mut(..id.len()) {
            Some(room) => {
                room.copy_from_slice(id.as_bytes());
                Self::Short(bytes, id.len() as u8)
            }
            None => Self::Long(id.into()),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Short(bytes, len) => {
                std::str::from_utf8(&bytes[..usize::from(*len)]).unwrap_or_default()
            }
            Self::Long(id) => id,
        }
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::Short([0; SHORT_BYTES], 0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
