//! Which versions of the API the bookshop serves, and how they are asked for.

use purlin::http::{Versioning, versioning::Deprecation};

/// What the media types of the API begin with; a version and a suffix follow:
/// `application/vnd.bookshop.v2+json`.
pub const VENDOR_TYPE: &str = "application/vnd.bookshop";

/// Versions 1, which should no longer be used, and 2, by all five forms.
pub fn versioning() -> Versioning {
    let old = Deprecation::since("2026-10-01").sunset("2027-10-01");
    Versioning::below("/api")
        .version("1")
        .version("2")
        .default_version("2")
        .deprecated("1", old)
        .path("v")
        .media_type(VENDOR_TYPE)
        .query("version")
        .header("X-Api-Version")
        .host("v")
}
