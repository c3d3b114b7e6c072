//! Payloads that only those who have the key can read.
//!
//! A [`Cipher`] seals the payload before it is stored and opens it before the processor sees it.
//! What is sealed stands in the store as `{"$sealed":"<Base64>"}`. It is bound to its queue and the
//! name of its type: a row that is copied elsewhere cannot be opened there. Results, progress, logs
//! and the results of steps are not sealed; ids, tags, tenants and keys are what the store looks for
//! jobs by, so keep secrets out of them.

use std::sync::Arc;

use purlin_base::BoxError;
use serde::{Deserialize, Serialize};

use crate::Payload;

#[cfg(feature = "encryption")]
mod aes;

#[cfg(feature = "encryption")]
pub use aes::{Aes256Gcm, CipherKeyError};

/// Seals and opens payloads. [`Aes256Gcm`] with the feature `encryption`.
pub trait Cipher: Send + Sync + 'static {
    /// Seals `plain`; `bound_to` is not part of it and must be the same when it is opened.
    ///
    /// # Errors
    ///
    /// When there is no key to seal with.
    fn seal(&self, plain: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, BoxError>;

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    ///
    /// When it was not made by a key that is known, was changed, or is bound to something else.
    fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, BoxError>;
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    #[serde(rename = "$sealed")]
    sealed: String,
}

/// How a sealed payload begins: told from others without reading them.
const BEGINNING: &str = "{\"$sealed\":\"";

/// `data` sealed, if there is a cipher. Errors are words for people.
pub(crate) fn seal(
    cipher: Option<&Arc<dyn Cipher>>,
    queue: &str,
    name: &str,
    data: Payload,
) -> Result<Payload, String> {
    let Some(cipher) = cipher else {
        return Ok(data);
    };
    let sealed = cipher.seal(data.as_str().as_bytes(), &bound_to(queue, name));
    let sealed = sealed.map_err(|error| error.to_string())?;
    let envelope = Envelope {
        sealed: encode(&sealed),
    };
    Payload::of(&envelope).map_err(|error| error.to_string())
}

/// `data` opened, if it is sealed. Errors are words for people.
pub(crate) fn open(
    cipher: Option<&Arc<dyn Cipher>>,
    queue: &str,
    name: &str,
    data: &Payload,
) -> Result<Payload, String> {
    if !data.as_str().starts_with(BEGINNING) {
        return Ok(data.clone());
    }
    let Some(cipher) = cipher else {
        return Err("it is sealed, and this worker has no cipher".to_owned());
    };
    let envelope: Envelope = data.decode().map_err(|error| error.to_string())?;
    let sealed = decode(&envelope.sealed)?;
    let opened = cipher.open(&sealed, &bound_to(queue, name));
    let opened = opened.map_err(|error| format!("it cannot be opened: {error}"))?;
    let text = String::from_utf8(opened).map_err(|_| "what was sealed is no text".to_owned())?;
    Ok(Payload::from_json(text))
}

fn bound_to(queue: &str, name: &str) -> Vec<u8> {
    // A queue's name has no colon.
    format!("purlin-queue:{queue}:{name}").into_bytes()
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn decode(text: &str) -> Result<Vec<u8>, String> {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text);
    decoded.map_err(|_| "what is sealed is no Base64".to_owned())
}
