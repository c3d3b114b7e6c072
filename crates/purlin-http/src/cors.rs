//! Which pages of other origins may read answers.
//!
//! Default: none. No answer says anything of it, and so browsers keep answers from every page but
//! our own. With [`Edge::cors`](crate::Edge::cors) the origins that are listed may read, and send
//! what their browser asks about first (a preflight): the methods are those that the path has, so
//! there is no list of them to be kept.
//!
//! This is about reading. Whether an unsafe request with a cookie is *done* is decided by
//! [`csrf`](crate::csrf), which trusts nobody either: an origin whose pages use cookies is listed
//! in both.

mod answer;
mod builder;
mod error;
mod origins;

use std::fmt;

use http::{HeaderName, HeaderValue};

pub(crate) use answer::Asked;
pub use builder::CorsBuilder;
pub use error::CorsError;
use origins::Origins;

/// Which pages of other origins may read answers. See the [module](self).
///
/// # Source
///
/// The Fetch standard, "CORS protocol".
///
/// # Examples
///
/// ```
/// use purlin_http::{Edge, cors::Cors};
///
/// let cors = Cors::builder()
///     .origin("https://app.example")
///     .below("https://partners.example")
///     .headers(["authorization"])
///     .expose(["etag", "link"])
///     .build()?;
/// let edge = Edge::new().cors(cors);
/// # Ok::<(), purlin_http::cors::CorsError>(())
/// ```
#[derive(Clone)]
pub struct Cors {
    origins: Origins,
    credentials: bool,
    /// The value of `Access-Control-Allow-Headers`.
    headers: HeaderValue,
    exposed: Option<HeaderValue>,
    max_age: HeaderValue,
}

impl Cors {
    /// Nobody yet.
    pub fn builder() -> CorsBuilder {
        CorsBuilder::new()
    }

    /// Whether pages of others may send the reader's cookies.
    pub(crate) fn lends_cookies(&self) -> bool {
        self.credentials
    }
}

impl fmt::Debug for Cors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cors")
            .field("origins", &self.origins)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

/// A list of names as one field.
fn listed(names: &[HeaderName]) -> HeaderValue {
    let names: Vec<&str> = names.iter().map(HeaderName::as_str).collect();
    // Names of fields are visible ASCII: it cannot fail.
    HeaderValue::try_from(names.join(", ")).unwrap_or(HeaderValue::from_static(""))
}
