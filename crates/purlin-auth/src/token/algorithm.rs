//! Which signatures there are, and what they are called.

use jsonwebtoken::Algorithm as Jose;

/// How tokens are signed. A key belongs to exactly one algorithm.
///
/// # Source
///
/// RFC 7518 §3, RFC 8037 (`EdDSA`), RFC 9864 (`Ed25519`, which replaces `EdDSA`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519, written as `EdDSA`, the name that every library knows. The default.
    #[default]
    EdDsa,
    /// Ed25519, written as `Ed25519`, the name that takes the place of `EdDSA`. Verifiers here
    /// take both names, whichever of the two a key has.
    Ed25519,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSA PKCS #1 v1.5 with SHA-256, keys of 2048 bits and more.
    Rs256,
    /// HMAC with SHA-256, keys of 32 bytes and more. Whoever verifies can also sign: there is
    /// nothing to publish.
    Hs256,
}

impl Algorithm {
    /// The name in the header of a token: `EdDSA`, `Ed25519`, `ES256`, `RS256`, `HS256`.
    ///
    /// ```
    /// use purlin_auth::token::Algorithm;
    ///
    /// assert_eq!(Algorithm::default().name(), "EdDSA");
    /// assert_eq!(Algorithm::from_name("ES256"), Some(Algorithm::Es256));
    /// assert_eq!(Algorithm::from_name("none"), None);
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Hs256 => "HS256",
        }
    }

    /// The algorithm of that name, in exactly that case.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::EdDsa,
            Self::Ed25519,
            Self::Es256,
            Self::Rs256,
            Self::Hs256,
        ]
        .into_iter()
        .find(|algorithm| algorithm.name() == name)
    }

    /// Whether a token whose header says `name` may be checked with a key of this algorithm.
    pub(super) fn is_named(self, name: &str) -> bool {
        Self::from_name(name).is_some_and(|named| named.jose() == self.jose())
    }

    pub(super) const fn jose(self) -> Jose {
        match self {
            Self::EdDsa | Self::Ed25519 => Jose::EdDSA,
            Self::Es256 => Jose::ES256,
            Self::Rs256 => Jose::RS256,
            Self::Hs256 => Jose::HS256,
        }
    }
}
