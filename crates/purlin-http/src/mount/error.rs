//! Why routes cannot be put together.

use http::Method;

use crate::versioning::VersioningError;

/// Routes that cannot stand beside each other. Found at start, before anything is served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MountError {
    /// Two handlers would answer the same requests: remove one, or change its path.
    #[error("{method} {template} is answered twice: by `{first}` and by `{second}`")]
    Duplicate {
        /// The method of both.
        method: Method,
        /// The path of the second.
        template: String,
        /// The handler that came first.
        first: String,
        /// The handler that came second.
        second: String,
    },
    /// One path is written with two names for a parameter: use one name.
    #[error(
        "`{first}` (by `{first_by}`) and `{second}` (by `{second_by}`) are one path: name its parameters alike"
    )]
    Names {
        /// The template that came first.
        first: String,
        /// A handler of it.
        first_by: String,
        /// The template that came second.
        second: String,
        /// A handler of it.
        second_by: String,
    },
    /// A path template is not well formed.
    #[error("`{handler}` has the path `{template}`: {fault}")]
    Template {
        /// The handler.
        handler: String,
        /// Its whole path.
        template: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A route for a method that routes are not for: HEAD and OPTIONS are answered for every
    /// path, and methods that are not known are refused.
    #[error("`{handler}` is for the method {method}; routes are for GET, POST, PUT, PATCH, DELETE")]
    Method {
        /// The handler.
        handler: String,
        /// Its method.
        method: Method,
    },
    /// `Cache-Control` of a route is not a list of directives.
    #[error("`{handler}` has the `Cache-Control` {value:?}, which is not a list of directives")]
    CacheControl {
        /// The handler.
        handler: String,
        /// The value.
        value: &'static str,
    },
    /// The versions are not described well.
    #[error(transparent)]
    Versioning(#[from] VersioningError),
    /// Two operations of one OpenAPI document would have one name: rename one of the handlers, or
    /// of their controllers.
    #[error("{first} and {second} would both be the operation `{id}`: rename one of the handlers")]
    OperationId {
        /// The name.
        id: String,
        /// The method and path that came first.
        first: String,
        /// The method and path that came second.
        second: String,
    },
    /// axum refuses to put a route beside the others, mostly because of a raw router.
    #[error("`{what}` overlaps with other routes: {message}")]
    Overlap {
        /// The handler or the name of the raw router.
        what: String,
        /// What axum says.
        message: String,
    },
}

impl MountError {
    /// Stable name for logs and the catalogue of errors; never reworded.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Duplicate { .. } => "HTTP_ROUTE_DUPLICATE",
            Self::Names { .. } => "HTTP_ROUTE_PARAMETER_NAMES",
            Self::Template { .. } => "HTTP_ROUTE_TEMPLATE",
            Self::Method { .. } => "HTTP_ROUTE_METHOD",
            Self::CacheControl { .. } => "HTTP_ROUTE_CACHE_CONTROL",
            Self::Versioning(error) => error.code(),
            Self::OperationId { .. } => "HTTP_ROUTE_OPERATION_ID",
            Self::Overlap { .. } => "HTTP_ROUTE_OVERLAP",
        }
    }
}

impl purlin_base::Classified for MountError {
    fn class(&self) -> purlin_base::ErrorClass {
        purlin_base::ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        self.code()
    }
}
