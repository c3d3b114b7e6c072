//! A second factor: codes of an authenticator app that change every 30 seconds, and recovery codes
//! for the day the phone is gone.
//!
//! ```text
//! enrol ──► a secret, shown once ──► confirm with a first code ──► 10 recovery codes, shown once
//!                                                │
//! verify ◄── a code, or a recovery code ◄────────┘                 remove
//! ```
//!
//! A code is good once: the latest step that was used is kept, and none up to it is taken again.
//! The secret is kept sealed under the secret of the application, and the recovery codes as keyed
//! hashes. How often somebody may guess is the caller's business: bound it for each account, since
//! three of a million codes are good at any time.

mod code;
mod error;
mod factor;
mod recovery;
mod rows;
mod text;

pub use error::TotpError;
pub use factor::{ENROLMENT_TTL, Enrolment, Factor, Totp, USER_BYTES_MAX};
pub use recovery::{RECOVERY_CODES, RecoveryCodes};
