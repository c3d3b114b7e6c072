//! Finds what would break a client between two OpenAPI 3.1 documents of one published version.
//!
//! Pure functions over [`serde_json::Value`]: no file, no network. The committed document is what
//! clients were built against, the served one is what they meet.
//!
//! Which way a change breaks depends on who reads. What a client **sends** must stay accepted, so
//! an input may only become wider; what it **reads** must stay as it was understood, so an answer
//! may only become narrower. A new optional field of a request, a new field of an answer, a new
//! route, a new status are additions and are not named.
//!
//! | file | decides |
//! | --- | --- |
//! | `operation.rs` | paths, methods, operation ids |
//! | `parameters.rs` | parameters |
//! | `content.rs` | bodies, statuses, header fields, media types |
//! | `security.rs` | who may call |
//! | `schema.rs`, `schema/` | types, fields, variants, bounds |
//!
//! Bounds of an answer (its longest text, its largest number) are no part of the promise: types,
//! values and formats are. `webhooks`, `callbacks` and `links` are not compared.

mod change;
mod content;
mod document;
mod operation;
mod parameters;
mod schema;
mod security;
mod walk;

use purlin_base::{Classified, ErrorClass};
use serde_json::Value;

pub use change::{Change, Rule};
use walk::Walk;

/// Most steps before a comparison gives up with [`Rule::TooLarge`]: one for each schema, reference
/// and variant that is looked at. A document of a thousand routes takes about a tenth.
pub const STEPS_MAX: u32 = 500_000;

/// Every change from `committed` to `served` that breaks a client, in the order of paths.
///
/// Schemas that refer to themselves are followed once. A document too entangled to be compared
/// within [`STEPS_MAX`] steps ends with a change of the rule [`Rule::TooLarge`].
///
/// # Errors
///
/// [`DocumentError`] if one of the two is not an OpenAPI 3.1 document.
///
/// # Examples
///
/// ```
/// # use {purlin_http::openapi_check::{Rule, breaking_changes}, serde_json::json};
/// let book = |required: &[&str]| {
///     json!({"openapi": "3.1.0", "paths": {"/books": {"post": {"requestBody": {"content": {
///         "application/json": {"schema": {"type": "object", "required": required,
///             "properties": {"title": {"type": "string"}, "year": {"type": "integer"}}}},
///     }}}}}})
/// };
/// let changes = breaking_changes(&book(&["title"]), &book(&["title", "year"]))?;
/// assert_eq!(changes[0].rule, Rule::FieldRequired);
/// assert_eq!(changes[0].operation, "POST /books");
/// assert_eq!(changes[0].place, "request application/json /year");
/// assert!(breaking_changes(&book(&["title", "year"]), &book(&["title"]))?.is_empty());
/// # Ok::<(), purlin_http::openapi_check::DocumentError>(())
/// ```
pub fn breaking_changes(committed: &Value, served: &Value) -> Result<Vec<Change>, DocumentError> {
    readable(committed, "committed")?;
    readable(served, "served")?;
    if committed == served {
        return Ok(Vec::new());
    }
    let mut walk = Walk::new(committed, served, STEPS_MAX);
    walk.operations();
    Ok(walk.finish())
}

/// Why two documents could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// It does not say `"openapi": "3.1.…"`: is it the right file?
    #[error("the {which} document is not OpenAPI 3.1")]
    NotOpenApi {
        /// `committed` or `served`.
        which: &'static str,
    },
    /// It has no `paths`, or they are no object: nothing could be compared.
    #[error("the {which} document has no paths")]
    NoPaths {
        /// `committed` or `served`.
        which: &'static str,
    },
}

impl Classified for DocumentError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotOpenApi { .. } => "HTTP_OPENAPI_VERSION",
            Self::NoPaths { .. } => "HTTP_OPENAPI_NO_PATHS",
        }
    }
}

fn readable(document: &Value, which: &'static str) -> Result<(), DocumentError> {
    let version = document["openapi"].as_str().unwrap_or_default();
    if version != "3.1" && !version.starts_with("3.1.") {
        return Err(DocumentError::NotOpenApi { which });
    }
    if !document["paths"].is_object() {
        return Err(DocumentError::NoPaths { which });
    }
    Ok(())
}
