//! What a store keeps of one session, and how large each part may be.

use std::fmt;

use purlin_base::Timestamp;
use uuid::Uuid;

use super::SessionError;

/// How long the id of a user may be, in bytes.
pub const USER_BYTES_MAX: usize = 256;
/// How many roles a session may have.
pub const ROLES_MAX: usize = 32;
/// How long the name of a role may be, in bytes.
pub const ROLE_BYTES_MAX: usize = 64;
/// How much is kept of the name of a device, in characters; the rest is cut off.
pub const DEVICE_CHARS_MAX: usize = 200;
/// How many sessions one user may have. One more ends the one that was unused longest.
pub const USER_SESSIONS_MAX: usize = 100;

/// What a store keeps of one session.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Names the session in lists. Not a secret: nobody can sign in with it.
    pub public_id: Uuid,
    /// Whose session it is.
    pub user: String,
    /// The user's roles, as last told by [`set_roles`](super::Sessions::set_roles).
    pub roles: Vec<String>,
    /// What the user knows the browser by.
    pub device: String,
    /// JSON of the application's own.
    pub data: String,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last used, at most a touch interval ago.
    pub last_used_at: Timestamp,
    /// When it ends if it is not used again. From this moment on it is not there any more.
    pub expires_at: Timestamp,
    /// When it ends however much it is used.
    pub ends_at: Timestamp,
}

impl SessionRecord {
    /// Whether it is still there at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

impl fmt::Debug for SessionRecord {
    /// Leaves out the data, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRecord")
            .field("public_id", &self.public_id)
            .field("user", &self.user)
            .field("roles", &self.roles)
            .field("device", &self.device)
            .field("data_bytes", &self.data.len())
            .field("created_at", &self.created_at)
            .field("last_used_at", &self.last_used_at)
            .field("expires_at", &self.expires_at)
            .field("ends_at", &self.ends_at)
            .finish()
    }
}

pub(super) fn check_user(user: &str) -> Result<(), SessionError> {
    let fits = (1..=USER_BYTES_MAX).contains(&user.len()) && !user.contains(char::is_control);
    fits.then_some(()).ok_or(SessionError::Owner)
}

pub(super) fn check_roles(roles: &[String]) -> Result<(), SessionError> {
    let fits = |role: &String| {
        (1..=ROLE_BYTES_MAX).contains(&role.len()) && !role.contains(char::is_control)
    };
    let all_fit = roles.len() <= ROLES_MAX && roles.iter().all(fits);
    all_fit.then_some(()).ok_or(SessionError::Owner)
}

/// A browser says what it likes of itself: control characters go, and what is too long is cut.
pub(super) fn tidy_device(device: &str) -> String {
    let shown = device.chars().filter(|c| !c.is_control());
    shown.take(DEVICE_CHARS_MAX).collect()
}
