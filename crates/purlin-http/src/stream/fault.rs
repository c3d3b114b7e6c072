//! A stream that cannot go on: the caller sees the connection break, the log sees why.

use purlin_base::{BoxError, Context};

/// The id of the request that is being answered, for what is logged after its handler has
/// returned.
pub(super) fn request_id() -> Box<str> {
    let id = Context::with_current(|context| context.request_id().into());
    id.unwrap_or_default()
}

/// Logs that the stream broke off. The bound on the causes is that of a problem's.
pub(super) fn log(error: &BoxError, request_id: &str) {
    const CAUSES_MAX: usize = 16;
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let causes = causes.take(CAUSES_MAX);
    let cause = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
    tracing::error!(
        target: "purlin_http::stream",
        cause,
        request_id,
        "an answer broke off in the middle; its connection is cut"
    );
}
