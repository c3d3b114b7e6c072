//! What the layer and the parts inside it tell each other about the request being answered.

use std::{cell::Cell, future::Future, sync::Arc};

use http::Uri;

use super::Settings;
use crate::RouteInfo;

tokio::task_local! {
    static CURRENT: Current;
}

/// The request being answered.
pub(super) struct Current {
    settings: Arc<Settings>,
    uri: Uri,
    route: Cell<Option<Arc<RouteInfo>>>,
    reading: Cell<bool>,
}

impl Current {
    pub(super) fn new(settings: Arc<Settings>, uri: Uri) -> Self {
        Self {
            settings,
            uri,
            route: Cell::default(),
            reading: Cell::default(),
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }
}

/// Notes the route, for the log. Nothing outside the layer.
pub(crate) fn set_route(route: &Arc<RouteInfo>) {
    let _outside = CURRENT.try_with(|current| current.route.set(Some(Arc::clone(route))));
}

/// The route that was noted. It is taken out: only the log asks.
pub(super) fn take_route() -> Option<Arc<RouteInfo>> {
    CURRENT
        .try_with(|current| current.route.take())
        .ok()
        .flatten()
}

/// Whether the body was being read at the last `await`.
pub(super) fn is_reading() -> bool {
    CURRENT
        .try_with(|current| current.reading.get())
        .unwrap_or(false)
}

/// What a problem's `type` begins with if that was set, and the path asked for.
pub(crate) fn type_base_and_instance() -> (Option<Arc<str>>, String) {
    let known = CURRENT.try_with(|current| {
        (
            current.settings.type_base.clone(),
            crate::reply::visible(current.uri.path()),
        )
    });
    known.unwrap_or_default()
}

/// Notes that the body is being read, until [`end`](Self::end). A read that is cut by the timeout
/// leaves the note, and so the caller was too slow.
pub(crate) struct Reading(());

impl Reading {
    pub(crate) fn begin() -> Self {
        let _outside = CURRENT.try_with(|current| current.reading.set(true));
        Self(())
    }

    pub(crate) fn end(self) {
        let _outside = CURRENT.try_with(|current| current.reading.set(false));
    }
}
