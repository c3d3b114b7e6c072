//! What the layer and the parts inside it tell each other about the request being answered.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    net::IpAddr,
    sync::Arc,
};

use http::{HeaderValue, Uri};

use super::Settings;
use crate::{
    Access, Problem, RouteInfo,
    client_address::TrustedProxies,
    format::{self, Format},
    html::HtmlPolicy,
    xml::XmlRoots,
};

tokio::task_local! {
    static CURRENT: Current;
}

/// The request being answered.
pub(super) struct Current {
    settings: Arc<Settings>,
    peer: Option<IpAddr>,
    uri: Uri,
    /// The `Accept` field, unless it means JSON by itself.
    accept: Option<HeaderValue>,
    format: RefCell<Option<Format>>,
    xml: Cell<Option<XmlRoots>>,
    route: Cell<Option<Arc<RouteInfo>>>,
    reading: Cell<bool>,
    vendor_type: RefCell<Option<Arc<str>>>,
}

impl Current {
    pub(super) fn new(
        settings: Arc<Settings>,
        uri: Uri,
        accept: Option<HeaderValue>,
        peer: Option<IpAddr>,
    ) -> Self {
        Self {
            settings,
            peer,
            uri,
            accept,
            format: RefCell::default(),
            xml: Cell::default(),
            route: Cell::default(),
            reading: Cell::default(),
            vendor_type: RefCell::default(),
        }
    }

    pub(super) fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }
}

/// Notes the media type of the version that the caller asked for by `Accept`, without its suffix:
/// `application/vnd.bookshop.v2`. Nothing outside the layer.
pub(crate) fn set_vendor_type(media_type: &Arc<str>) {
    let _outside =
        CURRENT.try_with(|current| current.vendor_type.replace(Some(Arc::clone(media_type))));
}

/// The media type that was noted.
pub(crate) fn vendor_type() -> Option<Arc<str>> {
    let noted = CURRENT.try_with(|current| current.vendor_type.borrow().clone());
    noted.ok().flatten()
}

/// Notes the route, for the log, and decides in which format it answers. Nothing outside the
/// layer.
///
/// # Errors
///
/// 406 if there is no format that the caller accepts.
pub(crate) fn enter(route: &Arc<RouteInfo>) -> Result<(), Problem> {
    let entered = CURRENT.try_with(|current| {
        current.route.set(Some(Arc::clone(route)));
        current.xml.set(route.xml);
        if let Some(accept) = &current.accept {
            let vendor = current.vendor_type.borrow();
            let format = format::choose(route, accept, vendor.as_ref())?;
            current.format.replace(format);
        }
        Ok(())
    });
    entered.unwrap_or(Ok(()))
}

/// The format of the answer if it is not plain JSON, and whether the route has several.
pub(crate) fn answer_format() -> (Option<Format>, bool) {
    let known = CURRENT.try_with(|current| {
        let format = current.format.borrow().clone();
        let depends = format.is_some() || current.xml.get().is_some();
        (format, depends)
    });
    known.unwrap_or_default()
}

/// Whether the answer is XML.
pub(super) fn is_xml() -> bool {
    let is_xml = |current: &Current| {
        let format = current.format.borrow();
        format.as_ref().is_some_and(|format| format.xml.is_some())
    };
    CURRENT.try_with(is_xml).unwrap_or(false)
}

/// What was decided and what was asked for, if it is not plain JSON; `None` outside the layer.
pub(crate) fn format_and_accept() -> Option<(Option<Format>, Option<HeaderValue>)> {
    let known =
        CURRENT.try_with(|current| (current.format.borrow().clone(), current.accept.clone()));
    known.ok()
}

/// The roots of the route if it speaks XML.
pub(crate) fn xml_roots() -> Option<XmlRoots> {
    CURRENT.try_with(|current| current.xml.get()).ok().flatten()
}

/// Whether the route that was noted leaves nothing to say about caches: it has words of its own,
/// or it is guarded, for which the layer has.
pub(crate) fn route_speaks_of_caching() -> bool {
    let speaks = |route: &RouteInfo| {
        route.cache_control.is_some() || matches!(route.access, Access::Guarded(_))
    };
    let noted = CURRENT.try_with(|current| {
        let route = current.route.take();
        let answer = route.as_deref().is_some_and(speaks);
        current.route.set(route);
        answer
    });
    noted.unwrap_or(false)
}

/// The route that was noted. It is taken out: only the end of the request asks.
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

/// The other end of the connection if it is known, and the proxies that are trusted.
pub(crate) fn peer_and_proxies() -> (Option<IpAddr>, TrustedProxies) {
    let known = CURRENT.try_with(|current| (current.peer, current.settings.proxies.clone()));
    known.unwrap_or_default()
}

/// Whether the layer is around.
pub(crate) fn is_inside() -> bool {
    CURRENT.try_with(|_| ()).is_ok()
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

/// The policy of pages that say nothing else; `None` outside the layer.
pub(crate) fn html_policy() -> Option<Arc<HtmlPolicy>> {
    let known = CURRENT.try_with(|current| Arc::clone(&current.settings.html_policy));
    known.ok()
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
