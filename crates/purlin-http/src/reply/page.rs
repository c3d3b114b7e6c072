//! One page of a list, with links to its neighbours.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Serialize;

use super::{
    Ok200, Reply,
    body::{Shape, body},
};

/// 200 with `{items, page}` and a `Link` to the next, previous, first and last page.
///
/// [`PageRequest::answer`](crate::PageRequest::answer) makes it. Links of more than 16 KiB, which
/// only a caller who sent as much can cause, are left out.
#[derive(Clone, Debug)]
pub struct Page<T> {
    page: purlin_base::Page<T>,
    links: Vec<(&'static str, String)>,
}

/// What clients and proxies take in one field.
const LINK_BYTES_MAX: usize = 16 * 1024;

impl<T> Page<T> {
    pub(crate) fn new(page: purlin_base::Page<T>, links: Vec<(&'static str, String)>) -> Self {
        Self { page, links }
    }

    /// The page without its links.
    pub fn into_inner(self) -> purlin_base::Page<T> {
        self.page
    }
}

impl<T: Serialize> Reply for Page<T> {
    const SERIALIZED: bool = true;

    fn reply(self) -> Response {
        let mut response = body(&self.page, Shape::Page);
        let link = |(rel, target): &(&str, String)| format!("<{target}>; rel=\"{rel}\"");
        let links = self.links.iter().map(link).collect::<Vec<_>>().join(", ");
        let fits = 1..=LINK_BYTES_MAX;
        if let (true, Ok(value)) = (fits.contains(&links.len()), HeaderValue::try_from(links)) {
            response.headers_mut().insert(header::LINK, value);
        }
        response
    }
}

impl<T: Serialize> Ok200 for Page<T> {}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        self.reply()
    }
}
