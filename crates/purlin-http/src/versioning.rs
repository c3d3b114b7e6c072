//! Several versions of one API, side by side.
//!
//! [`Versioning`] says which versions there are, where they are, and how a caller may ask for one:
//! by the path (`/api/v2/books`), or on an address without one (`/api/books`) by the media type
//! (`Accept: application/vnd.bookshop.v2+json`), the query (`?version=2`), a header field, or the
//! host (`v2.api.example`). Each form is off until it is named.
//!
//! | asked | answer |
//! | --- | --- |
//! | nothing | the default version |
//! | one, or several that agree | that version |
//! | several that differ, the path included | 400 `HTTP_VERSION_CONTRADICTION` |
//! | an unknown one by path or host | 404 `HTTP_VERSION_NOT_FOUND` |
//! | an unknown one by query or header | 400 `HTTP_VERSION_UNKNOWN` |
//! | an unknown one by media type, and nothing else accepted | 406 `HTTP_VERSION_NOT_ACCEPTABLE` |
//! | a path that is not in the version | 404, whatever the method |
//!
//! A route says in which versions it is (`#[version("1", "2")]`, [`Route::version`]), and is mounted
//! once for each. One that is the same for all (`#[version_neutral]`) has no version in its address
//! and takes no notice of one that is asked for. A route below the API that says neither stops the
//! start. The first segment of a neutral path is its own: no route with a version begins with it.
//!
//! The version is found out in front of the router, which then sees the address that has the
//! version in it and does all matching. Handlers see that address too, without the parameter of the
//! version; what a caller is shown (`instance`, links to pages) is the address as it was asked, and
//! handlers have it as [`AskedUri`]. Answers on addresses without a version say in `Vary` what they
//! depend on.
//!
//! Raw routers below the API are seen at the address with the version only.
//!
//! [`Route::version`]: crate::Route::version

mod address;
mod asked;
mod deprecation;
mod error;
mod media_type;
mod notice;
mod place;
mod refusal;
mod resolve;
mod settings;
mod versions;

pub use asked::AskedUri;
pub(crate) use asked::asked_uri;
pub use deprecation::Deprecation;
pub use error::VersioningError;
pub(crate) use place::{Placement, place, place_without};
pub(crate) use resolve::{After, Refusal, Resolver};
pub use versions::Versions;

/// Which versions of an API there are, and how a caller asks for one. See the [module](self).
///
/// Names of versions are 1 to 32 lower-case letters, digits, `-` and `.`, beginning with a letter or
/// digit (no `.` where hosts are read). What looks like a version, which is digits behind the
/// prefix, and is none of them, is unknown; other names below the API are paths.
///
/// # Examples
///
/// ```
/// use purlin_http::{Json, Mount, Route, Routes, Versioning, versioning::Deprecation};
///
/// let versioning = Versioning::below("/api")
///     .version("1")
///     .version("2")
///     .default_version("2")
///     .path("v")
///     .media_type("application/vnd.bookshop")
///     .query("version")
///     .header("X-Api-Version")
///     .host("v")
///     .deprecated("1", Deprecation::since("2026-07-01").sunset("2027-07-01"));
/// let list = Route::get("/").version("1"..).public().handler(async || Json("books"));
/// let books = Routes::at("/api/books").route(list);
/// let mounted = Mount::new().versioning(versioning).routes(books).build()?;
/// assert_eq!(mounted.routes[1].template, "/api/v2/books");
/// assert_eq!(mounted.routes[1].version, Some("2"));
/// # Ok::<(), purlin_http::mount::MountError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to `Mount::versioning`"]
pub struct Versioning {
    base: &'static str,
    versions: Vec<&'static str>,
    default: Option<&'static str>,
    deprecated: Vec<(&'static str, Deprecation)>,
    forms: Forms,
}

/// How a version may be asked for; `None`: not so.
#[derive(Clone, Debug, Default)]
struct Forms {
    path: Option<&'static str>,
    media_type: Option<&'static str>,
    query: Option<&'static str>,
    header: Option<&'static str>,
    host: Option<&'static str>,
}

impl Versioning {
    /// The API below `base`: `/api`, or `/` for everything. Other addresses have no version.
    pub fn below(base: &'static str) -> Self {
        Self {
            base,
            versions: Vec::new(),
            default: None,
            deprecated: Vec::new(),
            forms: Forms::default(),
        }
    }

    /// There is a version `name`. Later ones are named later.
    pub fn version(mut self, name: &'static str) -> Self {
        self.versions.push(name);
        self
    }

    /// The version of a caller who asks for none. It must be said.
    pub fn default_version(mut self, name: &'static str) -> Self {
        self.default = Some(name);
        self
    }

    /// The version `name` should no longer be used: its answers say so. A route may say more by
    /// [`Route::deprecation`](crate::Route::deprecation).
    pub fn deprecated(mut self, name: &'static str, deprecation: Deprecation) -> Self {
        self.deprecated.push((name, deprecation));
        self
    }

    /// By the path: `/api/v2/…` for the prefix `v`, lower-case letters, or none of them.
    ///
    /// Without it the addresses of all versions are the same.
    pub fn path(mut self, prefix: &'static str) -> Self {
        self.forms.path = Some(prefix);
        self
    }

    /// By `Accept`: `application/vnd.bookshop.v2+json` for `application/vnd.bookshop`. The answer
    /// has that media type.
    ///
    /// Of several the most welcome counts; who accepts other media types besides accepts any
    /// version by them.
    pub fn media_type(mut self, vendor: &'static str) -> Self {
        self.forms.media_type = Some(vendor);
        self
    }

    /// By a parameter of the query. Handlers do not see it.
    pub fn query(mut self, parameter: &'static str) -> Self {
        self.forms.query = Some(parameter);
        self
    }

    /// By a header field.
    pub fn header(mut self, field: &'static str) -> Self {
        self.forms.header = Some(field);
        self
    }

    /// By the first label of the host: `v2.api.example` for the prefix `v`, lower-case letters.
    ///
    /// A caller may send any host, and so no more than a version is taken from it.
    pub fn host(mut self, prefix: &'static str) -> Self {
        self.forms.host = Some(prefix);
        self
    }
}
