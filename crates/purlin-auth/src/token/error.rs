//! Why a token is refused, and why a key is.

use std::borrow::Cow;

use purlin_base::{Classified, ErrorClass, ErrorClasses};
use purlin_sql::SqlError;

/// Why a token was refused, or could not be issued.
///
/// All but the last two are the caller's: answer 401.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is longer than [`TOKEN_BYTES_MAX`](super::TOKEN_BYTES_MAX); nothing of it was looked at.
    #[error("the token is longer than 8192 bytes")]
    TooLong,
    /// It is not three parts of base64url without padding, or a part is not JSON, or names a
    /// member twice.
    #[error("the token is not well formed")]
    Malformed,
    /// Its `typ` is not `at+jwt`: a token of another kind.
    #[error("the token is not an access token")]
    Type,
    /// It asks (`crit`) for an extension that must be understood; none is.
    #[error("the token needs an extension that is not understood")]
    Critical,
    /// Its `kid` is missing, or names no key that is in use.
    #[error("the token is signed by no key that is in use")]
    UnknownKey,
    /// Its `alg` is not that of its key.
    #[error("the token is signed by another algorithm than its key is for")]
    Algorithm,
    /// The signature is not that of its key.
    #[error("the signature of the token is wrong")]
    Signature,
    /// A claim is missing or not of its type.
    #[error("the claim `{claim}` of the token is missing or not valid")]
    Claim {
        /// The name of the claim.
        claim: &'static str,
    },
    /// Somebody else issued it.
    #[error("the token was issued by somebody else")]
    Issuer,
    /// It was issued for somebody else.
    #[error("the token is meant for somebody else")]
    Audience,
    /// Its time is over. Fetch a new one.
    #[error("the token has expired")]
    Expired,
    /// Its time (`nbf`, `iat`) has not come, by more than the skew of clocks that is allowed.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The token to be issued would be longer than [`TOKEN_BYTES_MAX`](super::TOKEN_BYTES_MAX), or
    /// has a claim that verification would refuse: an empty or too long `sub`, too many roles.
    #[error("the token cannot be issued: its claims are out of bounds")]
    Unissuable,
    /// No key that can sign is in use.
    #[error("there is no key to sign with")]
    NoSigningKey,
}

impl Classified for TokenError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Unissuable | Self::NoSigningKey => ErrorClass::Internal,
            _ => ErrorClass::Unauthenticated,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "TOKEN_TOO_LONG",
            Self::Malformed => "TOKEN_MALFORMED",
            Self::Type => "TOKEN_TYPE",
            Self::Critical => "TOKEN_CRITICAL",
            Self::UnknownKey => "TOKEN_UNKNOWN_KEY",
            Self::Algorithm => "TOKEN_ALGORITHM",
            Self::Signature => "TOKEN_SIGNATURE",
            Self::Claim { .. } => "TOKEN_CLAIM",
            Self::Issuer => "TOKEN_ISSUER",
            Self::Audience => "TOKEN_AUDIENCE",
            Self::Expired => "TOKEN_EXPIRED",
            Self::NotYetValid => "TOKEN_NOT_YET_VALID",
            Self::Unissuable => "TOKEN_UNISSUABLE",
            Self::NoSigningKey => "TOKEN_NO_SIGNING_KEY",
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[ErrorClass::Unauthenticated, ErrorClass::Internal])
    }
}

/// Why a key cannot be used, or an option of tokens and keys is refused. Nothing was changed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key is not one of its algorithm, or is not in a form that is read.
    #[error("the key is not a usable {algorithm} key: {reason}")]
    Invalid {
        /// The name of the algorithm that it was to be for.
        algorithm: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The key is too short to protect anything.
    #[error("the {algorithm} key is too short: it needs at least {bits_min} bits")]
    Weak {
        /// The name of the algorithm.
        algorithm: &'static str,
        /// The least bits that are taken.
        bits_min: usize,
    },
    /// Two keys of a ring have the same `kid`, or there are more than 16.
    #[error("a ring has at most 16 keys, each with a `kid` of its own")]
    Ring,
    /// An option is out of its bounds.
    #[error("the option `{option}` is out of its bounds: {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What is taken.
        expected: &'static str,
    },
    /// A key in the database was sealed under another secret, or was changed. Start with the
    /// secret that it was sealed under.
    #[error("the signing key `{kid}` was sealed under another secret, or was changed")]
    WrongSecret {
        /// The key.
        kid: String,
    },
    /// There is no key of that name.
    #[error("there is no signing key of that name")]
    Unknown,
    /// The database refused.
    #[error("the signing keys cannot be read or kept: {0}")]
    Sql(#[from] SqlError),
}

impl Classified for KeyError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Sql(error) => error.class(),
            Self::Unknown => ErrorClass::NotFound,
            _ => ErrorClass::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "TOKEN_KEY_INVALID",
            Self::Weak { .. } => "TOKEN_KEY_WEAK",
            Self::Ring => "TOKEN_KEY_RING",
            Self::Option { .. } => "TOKEN_OPTION",
            Self::WrongSecret { .. } => "TOKEN_KEY_WRONG_SECRET",
            Self::Unknown => "TOKEN_KEY_UNKNOWN",
            Self::Sql(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Sql(error) => error.public_detail(),
            Self::Unknown => Some(Cow::Borrowed("there is no signing key of that name")),
            _ => None,
        }
    }

    fn classes() -> ErrorClasses {
        SqlError::classes()
    }
}
