//! Public keys, as everybody who verifies our tokens reads them.

use schemars::JsonSchema;
use serde::Serialize;

/// The public keys of a ring: what `/.well-known/jwks.json` says.
///
/// Never a private or a symmetric key: there is no place for one in [`Jwk`].
///
/// # Source
///
/// RFC 7517 §5.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Jwks {
    /// One for each key that tokens may be signed by now or soon, or were until lately.
    pub keys: Vec<Jwk>,
}

/// A public key.
///
/// # Source
///
/// RFC 7517 §4, RFC 7518 §6, RFC 8037 §2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Jwk {
    /// The kind of key: `OKP`, `EC` or `RSA`.
    pub kty: &'static str,
    /// The name of the key.
    pub kid: String,
    /// What it is for: `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The algorithm that it belongs to.
    pub alg: &'static str,
    /// The curve, of `OKP` and `EC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<&'static str>,
    /// The public point, or its first coordinate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The second coordinate of the public point, of `EC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The modulus, of `RSA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The exponent, of `RSA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
}
