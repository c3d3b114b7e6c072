//! What can happen around identity. The names stay: they are searched for.

/// Somebody signed in.
pub const SIGN_IN: &str = "sign_in";
/// Somebody tried to sign in, or to show who they are once more, and did not succeed.
pub const SIGN_IN_FAILED: &str = "sign_in.failed";
/// Somebody signed out, here or everywhere.
pub const SIGN_OUT: &str = "sign_out";
/// A spent refresh token was shown again: its family has ended.
pub const REFRESH_REUSED: &str = "refresh.reused";
/// Somebody asked for a link to set a password.
pub const PASSWORD_FORGOTTEN: &str = "password.forgotten";
/// A password was changed by whoever had shown the old one.
pub const PASSWORD_CHANGED: &str = "password.changed";
/// A password was set by such a link.
pub const PASSWORD_RESET: &str = "password.reset";
/// The owner of an account has shown to have its address.
pub const EMAIL_VERIFIED: &str = "email.verified";
/// An account was given other roles.
pub const ROLES_CHANGED: &str = "roles.changed";
/// An account has a second factor from now on.
pub const FACTOR_ON: &str = "second_factor.on";
/// An account has none any more.
pub const FACTOR_OFF: &str = "second_factor.off";
/// An account was given new recovery codes.
pub const RECOVERY_CODES_MADE: &str = "second_factor.recovery_codes";
