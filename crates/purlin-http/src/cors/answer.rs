//! What an answer says to a page of another origin.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::{Cors, origins::Origins};
use crate::reply::vary;

/// What a request asks of a rule.
pub(crate) struct Asked {
    cors: Arc<Cors>,
    /// Its origin, if that may read.
    origin: Option<HeaderValue>,
    /// The method that a preflight asks about.
    preflight: Option<HeaderValue>,
}

impl Asked {
    /// What a request with `method` and `headers` asks of `cors`.
    pub(crate) fn of(cors: &Arc<Cors>, method: &Method, headers: &HeaderMap) -> Self {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = match (origins.next(), origins.next()) {
            (Some(origin), None) => Some(origin),
            _ => None,
        };
        let may_read = |origin: &&HeaderValue| {
            let origin = origin.to_str();
            origin.is_ok_and(|origin| cors.origins.cover(origin))
        };
        let asks = (method == Method::OPTIONS).then_some(headers);
        let preflight = asks.and_then(|it| it.get(header::ACCESS_CONTROL_REQUEST_METHOD));
        Self {
            origin: origin.filter(may_read).cloned(),
            preflight: preflight.cloned(),
            cors: Arc::clone(cors),
        }
    }

    /// Adds to `response` what is due. An answer that depends on the origin says so in any case: a
    /// cache must not give one origin's answer to another.
    pub(crate) fn complete(&self, response: &mut Response) {
        let succeeded = response.status().is_success();
        let headers = response.headers_mut();
        if let Origins::These { .. } = self.cors.origins {
            vary(headers, &header::ORIGIN);
        }
        let Some(method) = &self.preflight else {
            self.permit(headers);
            if let (Some(_), Some(exposed)) = (&self.origin, &self.cors.exposed) {
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
            }
            return;
        };
        vary(headers, &header::ACCESS_CONTROL_REQUEST_METHOD);
        vary(headers, &header::ACCESS_CONTROL_REQUEST_HEADERS);
        let methods = headers.get(header::ALLOW).cloned();
        if let Some(methods) = methods.filter(|all| succeeded && names(all, method)) {
            self.answer_preflight(headers, methods);
        }
    }

    fn answer_preflight(&self, headers: &mut HeaderMap, methods: HeaderValue) {
        if self.origin.is_none() {
            return;
        }
        self.permit(headers);
        let cors = &self.cors;
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, cors.headers.clone()),
            (header::ACCESS_CONTROL_MAX_AGE, cors.max_age.clone()),
        ] {
            headers.insert(name, value);
        }
    }

    /// Says who may read, and whether with cookies.
    fn permit(&self, headers: &mut HeaderMap) {
        let Some(origin) = &self.origin else {
            return;
        };
        let who = match self.cors.origins {
            Origins::Any => HeaderValue::from_static("*"),
            Origins::These { .. } => origin.clone(),
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, who);
        if self.cors.credentials {
            let name: HeaderName = header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
            headers.insert(name, HeaderValue::from_static("true"));
        }
    }
}

/// Whether the list `all` names `method`.
fn names(all: &HeaderValue, method: &HeaderValue) -> bool {
    let mut all = all.as_bytes().split(|byte| *byte == b',');
    all.any(|one| one.trim_ascii() == method.as_bytes())
}
