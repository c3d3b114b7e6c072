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
    /// A code of the second factor, or a recovery code. Where the account asks for one, the right
    /// password alone is answered with 401 and the type `SIGN_IN_CODE_NEEDED`.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(pattern(WITHOUT_NUL), extend("writeOnly" = true))]
    pub(super) code: Option<String>,
}

/// Whose password was forgotten.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "ForgottenPassword")]
pub(super) struct ForgotInput {
    /// The address, in any case. One that is no address has no account.
    #[garde(skip)]
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) email: String,
}

/// A new password, and the token that allows to set it.
#[derive(Clone, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "PasswordReset")]
pub(super) struct ResetInput {
    /// What stands behind `token=` in the link of the mail.
    #[garde(skip)]
    #[schemars(pattern(WITHOUT_NUL), extend("writeOnly" = true))]
    pub(super) token: String,
    /// 12 to 128 characters, not among common passwords.
    #[garde(skip)]
    #[schemars(length(min = 12, max = 128), pattern(WITHOUT_NUL), extend("writeOnly" = true))]
    pub(super) password: String,
}

/// The form that asks for a link to set a password.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForgotForm {
    /// The address.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) email: String,
}

/// The form that sets a password.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetForm {
    /// The token of the link.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) token: String,
    /// The new password.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) password: String,
}

/// A link of a mail.
#[derive(Clone, Default, Deserialize, JsonSchema)]
pub(super) struct LinkQuery {
    /// The token of the link.
    #[serde(default)]
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) token: String,
}

/// The form that uses a link.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkForm {
    /// The token of the link.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) token: String,
}

/// The form of the second step of a sign-in.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInCodeForm {
    /// Which sign-in waits.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) ticket: String,
    /// A code of the app, or a recovery code.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) code: String,
}

/// A form with the password alone.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordForm {
    /// The password.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) password: String,
}

/// The form that changes the password.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePasswordForm {
    /// The password as it is.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) password: String,
    /// The new one.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) new_password: String,
}

/// A form with a code alone.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeForm {
    /// A code of the app.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) code: String,
}

/// A form with both.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordAndCodeForm {
    /// The password.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) password: String,
    /// A code of the app, or a recovery code.
    #[schemars(pattern(WITHOUT_NUL))]
    pub(super) code: String,
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

objects_only!(ForgotInput, ResetInput, SignInInput);

macro_rules! without_secrets {
    ($($input:ident),* $(,)?) => {$(
        impl fmt::Debug for $input {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($input)).finish_non_exhaustive()
            }
        }
    )*};
}

without_secrets!(
    ChangePasswordForm,
    CodeForm,
    LinkForm,
    LinkQuery,
    PasswordAndCodeForm,
    PasswordForm,
    ResetForm,
    ResetInput,
    SignInCodeForm,
    SignInForm,
    SignInInput,
);
