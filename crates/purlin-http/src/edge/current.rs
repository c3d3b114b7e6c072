//! What the layer and the parts inside it tell each other about the request being answered.
//!
//! It is kept in the [`Context`], so each thing is said once and stays said.

use std::{
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use http::{HeaderValue, Uri};
use purlin_base::Context;

use super::Settings;
use crate::{
    Access, Problem, RouteInfo,
    client_address::TrustedProxies,
    csrf::CrossOrigin,
    format::{self, Format},
    html::HtmlPolicy,
    xml::XmlRoots,
};

/// The request being answered.
pub(super) struct Current {
    settings: Arc<Settings>,
    peer: Option<IpAddr>,
    uri: Uri,
    /// The `Accept` field, unless it means JSON by itself.
    accept: Option<HeaderValue>,
    format: OnceLock<Format>,
    route: OnceLock<Arc<RouteInfo>>,
    reading: AtomicBool,
    vendor_type: OnceLock<Arc<str>>,
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
            format: OnceLock::new(),
            route: OnceLock::new(),
            reading: AtomicBool::new(false),
            vendor_type: OnceLock::new(),
        }
    }

    /// What `context` keeps of the request being answered, if the layer began it.
    pub(super) fn of(context: &Context) -> Option<&Self> {
        context.extension()
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The route that was noted.
    pub(super) fn route(&self) -> Option<&RouteInfo> {
        self.route.get().map(|route| &**route)
    }

    /// Whether the answer is XML.
    pub(super) fn is_xml(&self) -> bool {
        self.format.get().is_some_and(|it| it.xml.is_some())
    }

    fn xml(&self) -> Option<XmlRoots> {
        self.route.get()?.xml
    }
}

/// Looks at the request being answered; `None` outside the layer.
fn with<T>(look: impl FnOnce(&Current) -> T) -> Option<T> {
    Context::with_current(|context| Current::of(context).map(look)).flatten()
}

/// Notes the media type of the version that the caller asked for by `Accept`, without its suffix:
/// `application/vnd.bookshop.v2`. Nothing outside the layer.
pub(crate) fn set_vendor_type(media_type: &Arc<str>) {
    with(|current| _ = current.vendor_type.set(Arc::clone(media_type)));
}

/// The media type that was noted.
pub(crate) fn vendor_type() -> Option<Arc<str>> {
    with(|current| current.vendor_type.get().cloned()).flatten()
}

/// Notes the route, for the log, names what the thread works on after it, and decides in which
/// format it answers. Nothing outside the layer.
///
/// # Errors
///
/// 406 if there is no format that the caller accepts.
pub(crate) fn enter(route: &Arc<RouteInfo>) -> Result<(), Problem> {
    let entered = with(|current| {
        route.label.set_current();
        let _entered_twice = current.route.set(Arc::clone(route));
        if let Some(accept) = &current.accept {
            let format = format::choose(route, accept, current.vendor_type.get())?;
            format.map(|format| current.format.set(format));
        }
        Ok(())
    });
    entered.unwrap_or(Ok(()))
}

/// How the answer is to be written.
#[derive(Default)]
pub(crate) struct AnswerForm {
    /// The format, if it is not plain JSON.
    pub(crate) format: Option<Format>,
    /// Whether the answer depends on what the caller accepts and the route does not say so itself.
    pub(crate) depends: bool,
    /// How many fields it will have, about.
    pub(crate) usual_fields: usize,
}

/// How the answer is to be written; plain JSON outside the layer.
pub(crate) fn answer_form() -> AnswerForm {
    let known = with(|current| {
        let format = current.format.get().cloned();
        AnswerForm {
            depends: format.is_some() && current.xml().is_none(),
            format,
            usual_fields: current.route().map_or(0, |route| route.usual_fields),
        }
    });
    known.unwrap_or_default()
}

/// What was decided and what was asked for, if it is not plain JSON; `None` outside the layer.
pub(crate) fn format_and_accept() -> Option<(Option<Format>, Option<HeaderValue>)> {
    with(|current| (current.format.get().cloned(), current.accept.clone()))
}

/// The roots of the route if it speaks XML.
pub(crate) fn xml_roots() -> Option<XmlRoots> {
    with(Current::xml).flatten()
}

/// Whether the route that was noted leaves nothing to say about caches: it has words of its own,
/// or it is guarded, for which the layer has.
pub(crate) fn route_speaks_of_caching() -> bool {
    let speaks = |route: &Arc<RouteInfo>| {
        route.cache_control.is_some() || matches!(route.access, Access::Guarded(_))
    };
    with(|current| current.route.get().is_some_and(speaks)).unwrap_or(false)
}

/// Where to hear that a stop has begun. Nothing outside the layer.
pub(super) fn stop() -> Option<tokio::sync::watch::Receiver<bool>> {
    with(|current| current.settings.tasks.stop())
}

/// Whether the body was being read at the last `await`.
pub(super) fn is_reading() -> bool {
    with(|current| current.reading.load(Relaxed)).unwrap_or(false)
}

/// The other end of the connection if it is known, and the proxies that are trusted.
pub(crate) fn peer_and_proxies() -> (Option<IpAddr>, TrustedProxies) {
    let known = with(|current| (current.peer, current.settings.proxies.clone()));
    known.unwrap_or_default()
}

/// Whether the layer is around.
pub(crate) fn is_inside() -> bool {
    with(|_| ()).is_some()
}

/// What a problem's `type` begins with if that was set, and the path asked for.
pub(crate) fn type_base_and_instance() -> (Option<Arc<str>>, String) {
    let known = with(|current| {
        (
            current.settings.type_base.clone(),
            crate::reply::visible(current.uri.path()),
        )
    });
    known.unwrap_or_default()
}

/// The policy of pages that say nothing else; `None` outside the layer.
pub(crate) fn html_policy() -> Option<Arc<HtmlPolicy>> {
    with(|current| Arc::clone(&current.settings.html_policy))
}

/// Whose pages may send; `None` outside the layer.
pub(crate) fn cross_origin() -> Option<Arc<CrossOrigin>> {
    with(|current| Arc::clone(&current.settings.cross_origin))
}

/// Notes that the body is being read, until [`end`](Self::end). A read that is cut by the timeout
/// leaves the note, and so the caller was too slow.
pub(crate) struct Reading(());

impl Reading {
    pub(crate) fn begin() -> Self {
        with(|current| current.reading.store(true, Relaxed));
        Self(())
    }

    pub(crate) fn end(self) {
        with(|current| current.reading.store(false, Relaxed));
    }
}
