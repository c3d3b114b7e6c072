//! What the layer and the parts inside it tell each other about the request being answered.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    sync::Arc,
};

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
    vendor_type: RefCell<Option<Arc<str>>>,
}

impl Current {
    pub(super) fn new(settings: Arc<Settings>, uri: Uri) -> Self {
        Self {
            settings,
            uri,
            route: Cell::default(),
            reading: Cell::default(),
            vendor_type: RefCell::default(),
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }
}

/// Notes the media type of the version that the caller asked for by `Accept`, without its suffix:
/// `application/vnd.bookshop.v2`. Nothing outside the layer.
#[allow(dead_code)]
pub(crate) fn set_vendor_type(media_type: &Arc<str>) {
    let _outside =
        CURRENT.try_with(|current| current.vendor_type.replace(Some(Arc::clone(media_type))));
}

/// The media type that was noted.
#[allow(dead_code)]
pub(crate) fn vendor_type() -> Option<Arc<str>> {
    let noted = CURRENT.try_with(|current| current.vendor_type.borrow().clone());
    noted.ok().flatten()
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

/// Where to hear that a stop has begun. Nothing outside the layer.
pub(super) fn stop() -> Option<tokio::sync::watch::Receiver<bool>> {
    CURRENT
        .try_with(|current| current.settings.tasks.stop())
        .ok()
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
