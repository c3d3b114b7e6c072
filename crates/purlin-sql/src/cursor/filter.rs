//! What rows a list holds, in sixteen bytes.

use sha2::{Digest, Sha256};

use crate::{Query, Value};

/// A hash of the choice of rows a list holds; a cursor is taken only where it was made.
///
/// By default it is made of the base statement and its values. Give one of your own when the
/// statement holds a value that changes between two pages, such as the time.
///
/// The same bytes give the same hash in every process and version.
///
/// # Examples
///
/// ```
/// use purlin_sql::cursor::FilterHash;
///
/// let subject = Some("poetry");
/// let filter = FilterHash::of_json(&("books", subject))?;
/// assert_eq!(filter, FilterHash::of(br#"["books","poetry"]"#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterHash(pub(crate) [u8; 16]);

impl FilterHash {
    /// The hash of `bytes`, which must differ for each choice of rows.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(truncated(Sha256::new_with_prefix(bytes)))
    }

    /// The hash of `filter` as JSON. Use a struct or a tuple, whose fields keep their order; a
    /// `HashMap` does not.
    ///
    /// # Errors
    ///
    /// If `filter` cannot be written as JSON.
    pub fn of_json<T: serde::Serialize + ?Sized>(filter: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_vec(filter).map(Self::of)
    }

    /// The hash of a statement and the values bound to it.
    pub fn of_query(query: &Query) -> Self {
        let mut hash = Sha256::new();
        part(&mut hash, b'q', query.text().as_bytes());
        for value in query.values() {
            add_value(&mut hash, value);
        }
        Self(truncated(hash))
    }
}

fn add_value(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => part(hash, b'0', &[]),
        Value::Bool(value) => part(hash, b'b', &[u8::from(*value)]),
        Value::Int(value) => part(hash, b'i', &value.to_be_bytes()),
        Value::Real(value) => part(hash, b'r', &value.to_bits().to_be_bytes()),
        Value::Text(value) => part(hash, b't', value.as_bytes()),
        Value::Bytes(value) => part(hash, b'x', value),
        Value::Uuid(value) => part(hash, b'u', value.as_bytes()),
        Value::Time(value) => part(hash, b'm', &value.unix_micros().to_be_bytes()),
        Value::Json(value) => part(hash, b'j', value.as_bytes()),
    }
}

/// Adds one part with its kind and length before it, so that no two lists of parts look alike.
pub(crate) fn part(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// The first bytes of the hash. The tag covers them, so they need only keep lists apart.
pub(crate) fn truncated<const BYTES: usize>(hash: Sha256) -> [u8; BYTES] {
    let whole = hash.finalize();
    std::array::from_fn(|at| whole[at])
}
