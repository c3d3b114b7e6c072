//! How a caller is told that no version can be given.

use purlin_base::{ErrorClass, FieldError};

use crate::{Problem, extract::shortened};

/// How a version was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form<'a> {
    Path,
    Host,
    /// By a parameter of the query or a header field of this name.
    Parameter(&'a str),
}

/// 404 where the address is another one for each version, else 400.
pub(super) fn unknown(form: Form<'_>) -> Problem {
    let place = match form {
        Form::Path => "its path",
        Form::Host => "its host",
        Form::Parameter(name) => {
            let detail = format!("`{name}` names a version that there is not");
            let field =
                FieldError::parameter(shortened(name), "unknown", "there is no such version");
            return Problem::new(ErrorClass::BadRequest, "HTTP_VERSION_UNKNOWN")
                .detail(detail)
                .field(field);
        }
    };
    let detail = format!("the address names a version by {place} that there is not");
    Problem::new(ErrorClass::NotFound, "HTTP_VERSION_NOT_FOUND").detail(detail)
}

/// 400, for the form that was read last.
pub(super) fn contradiction(form: Form<'_>) -> Problem {
    let problem = Problem::new(ErrorClass::BadRequest, "HTTP_VERSION_CONTRADICTION")
        .detail("the request asks for two versions that differ");
    let Form::Parameter(name) = form else {
        return problem;
    };
    let message = "another version is asked for besides";
    problem.field(FieldError::parameter(
        shortened(name),
        "contradiction",
        message,
    ))
}

/// 406: `Accept` names only versions that there are not.
pub(super) fn not_acceptable() -> Problem {
    Problem::new(ErrorClass::NotAcceptable, "HTTP_VERSION_NOT_ACCEPTABLE")
        .detail("`Accept` names only versions that there are not")
}

/// 414: with the version in its path the address is longer than an address can be.
pub(super) fn too_long() -> Problem {
    Problem::new(ErrorClass::UriTooLong, "HTTP_URI_TOO_LONG")
        .detail("the address is too long for a version to be added")
}
