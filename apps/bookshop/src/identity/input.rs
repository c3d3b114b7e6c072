//! What callers write to sign in.

use std::fmt;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::object::objects_only;

/// No text of a body may hold NUL.
const WITHOUT_NUL: &str = r"^[^\x00]*$";

/// An address and a password. Nothing is said of their form: whatever is wrong is answered as a
/// wrong password is.
#[derive(Clone, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "SignIn")]
pub struct SignInInput {
    /// The address of the account.
    #[garde(skip)]
    #[schemars(pattern(WITHOUT_NUL))]
    pub email: String,
    /// Its password.
    #[garde(skip)]
    #[schemars(pattern(WITHOUT_NUL), extend("writeOnly" = true))]
    pub password: String,
}

objects_only!(SignInInput);

/// Without the password.
impl fmt::Debug for SignInInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInInput")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}
