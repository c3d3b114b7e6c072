//! Why versions cannot be served as they are described.

/// Versions that are not described well. Found at start, before anything is served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersioningError {
    /// A setting of [`Versioning`](super::Versioning) is not right: the message names it.
    #[error("versioning: {fault}")]
    Setting {
        /// What is wrong.
        fault: String,
    },
    /// No version is the default, or one that is not named.
    #[error("versioning: the default version is {fault}")]
    Default {
        /// What is wrong.
        fault: String,
    },
    /// A version is named twice: remove one.
    #[error("versioning: version `{version}` is named twice")]
    Duplicate {
        /// The version.
        version: &'static str,
    },
    /// A deprecation cannot be told so: the message says why.
    #[error("the deprecation of {what}: {fault}")]
    Deprecation {
        /// The handler or the version.
        what: String,
        /// What is wrong.
        fault: String,
    },
    /// A route names versions that are not there, or none where it should.
    #[error("`{handler}`: {fault}")]
    Unknown {
        /// The handler.
        handler: String,
        /// What is wrong.
        fault: String,
    },
    /// A route where versions are says nothing about its own.
    #[error(
        "`{handler}` at `{template}` says no version: add `#[version(\"…\")]`, or `#[version_neutral]` if it is one for all"
    )]
    Missing {
        /// The handler.
        handler: String,
        /// Its whole path.
        template: String,
    },
    /// A route names versions where there are none.
    #[error("`{handler}` at `{template}` names a version, and {why}")]
    Outside {
        /// The handler.
        handler: String,
        /// Its whole path.
        template: String,
        /// Why there are none.
        why: String,
    },
    /// The path of a route holds a version itself: leave it out.
    #[error("`{handler}` at `{template}` holds a version in its path: leave `/{segment}` out")]
    InPath {
        /// The handler.
        handler: String,
        /// Its whole path.
        template: String,
        /// The part of the path.
        segment: String,
    },
    /// Nothing tells apart the addresses of a neutral route and of one with versions.
    #[error(
        "`{neutral}` is version-neutral and shares `{shared}` with `{versioned}`: the first part of a neutral path is its own, and no parameter"
    )]
    Neutral {
        /// The handler of the neutral route.
        neutral: String,
        /// The handler of the other; of the neutral route itself if that begins with a parameter.
        versioned: String,
        /// What both begin with.
        shared: String,
    },
}

impl VersioningError {
    /// Stable name for logs and the catalogue of errors; never reworded.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "HTTP_VERSIONING_SETTING",
            Self::Default { .. } => "HTTP_VERSIONING_DEFAULT",
            Self::Duplicate { .. } => "HTTP_VERSIONING_DUPLICATE",
            Self::Deprecation { .. } => "HTTP_VERSIONING_DEPRECATION",
            Self::Unknown { .. } => "HTTP_ROUTE_VERSION_UNKNOWN",
            Self::Missing { .. } => "HTTP_ROUTE_VERSION_MISSING",
            Self::Outside { .. } => "HTTP_ROUTE_VERSION_OUTSIDE",
            Self::InPath { .. } => "HTTP_ROUTE_VERSION_IN_PATH",
            Self::Neutral { .. } => "HTTP_ROUTE_VERSION_NEUTRAL",
        }
    }
}
