//! What keys, values and times to live may be; every engine asks here before anything else.

use std::time::Duration;

use super::KvError;

/// How long a key may be, in bytes.
pub const KEY_BYTES_MAX: usize = 512;

/// How many keys may be read at once.
pub const KEYS_MAX: usize = 1_000;

/// How long a value may be unless the engine says otherwise: 1 MiB.
pub const VALUE_BYTES_MAX_DEFAULT: usize = 1 << 20;

/// The shortest time to live.
pub const TTL_MIN: Duration = Duration::from_millis(1);

/// The longest time to live: 100 years of 365 days.
pub const TTL_MAX: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Checks that `key` is 1 to [`KEY_BYTES_MAX`] bytes without NUL.
///
/// # Errors
///
/// [`KvError::InvalidKey`] if it is not.
pub fn check_key(key: &str) -> Result<(), KvError> {
    if (1..=KEY_BYTES_MAX).contains(&key.len()) && !key.contains('\0') {
        return Ok(());
    }
    Err(KvError::InvalidKey {
        key_bytes: key.len(),
    })
}

/// Checks that there are at most [`KEYS_MAX`] keys, each as [`check_key`] wants it.
///
/// # Errors
///
/// [`KvError::TooManyKeys`] or [`KvError::InvalidKey`].
pub fn check_keys(keys: &[&str]) -> Result<(), KvError> {
    if keys.len() > KEYS_MAX {
        return Err(KvError::TooManyKeys { keys: keys.len() });
    }
    keys.iter().try_for_each(|key| check_key(key))
}

/// Checks that `value` is at most `value_bytes_max` bytes long.
///
/// # Errors
///
/// [`KvError::TooLarge`] if it is longer.
pub fn check_value(value: &[u8], value_bytes_max: usize) -> Result<(), KvError> {
    if value.len() <= value_bytes_max {
        return Ok(());
    }
    Err(KvError::TooLarge {
        value_bytes: value.len(),
        value_bytes_max,
    })
}

/// Checks `ttl`, and rounds it up to whole milliseconds.
///
/// # Errors
///
/// [`KvError::InvalidTtl`] if it is shorter than [`TTL_MIN`] or longer than [`TTL_MAX`].
pub fn check_ttl(ttl: Option<Duration>) -> Result<Option<Duration>, KvError> {
    let Some(ttl) = ttl else { return Ok(None) };
    if !(TTL_MIN..=TTL_MAX).contains(&ttl) {
        return Err(KvError::InvalidTtl { ttl });
    }
    let millis = ttl.as_nanos().div_ceil(1_000_000);
    Ok(Some(Duration::from_millis(millis as u64))) // At most TTL_MAX: fits.
}
