//! What callers write to sign in and out.

use std::fmt;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::object::objects_only;

/// No text of a body may hold NUL.
const WITHOUT_NUL: &str = r"^[^\x00]*$";

/// Who wants to sign in. Both fields are required, no other is allowed.
#[derive(Clone, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "SignIn")]
pub(super) struct SignInInput {
    /// The address, in any case. One that is no address has no account.
    #[garde(skip)]
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) email: String,
    /// The password.
    #[garde(skip)]
    #[schemars(pattern(WITHOUT_NUL), extend("writeOnly" = true))]
    pub(super) password: String,
}

/// The form of the sign-in page.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInForm {
    /// The address.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) email: String,
    /// The password.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) password: String,
}

/// The form that ends a session.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignOutForm {
    /// Which of the user's; the one that asks, if none is named.
    #[serde(default)]
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) session: Option<String>,
}

/// How far a sign-out reaches.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
pub(super) struct SignOutQuery {
    /// All sign-ins and sessions of the user, and not this one alone.
    #[serde(default)]
    pub(super) everywhere: bool,
}

objects_only!(SignInInput);

macro_rules! without_password {
    ($($input:ident),*) => {$(
        impl fmt::Debug for $input {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($input)).finish_non_exhaustive()
            }
        }
    )*};
}

without_password!(SignInInput, SignInForm);
