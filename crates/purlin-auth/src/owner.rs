//! What may stand for a user in the tables of accounts.

use crate::session::USER_BYTES_MAX;

/// Whether `user` may stand for a user: 1 to [`USER_BYTES_MAX`] bytes without control characters.
pub(crate) fn is_good(user: &str) -> bool {
    (1..=USER_BYTES_MAX).contains(&user.len()) && !user.contains(char::is_control)
}
