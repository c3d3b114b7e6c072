//! In which format a route answers: decided once, when it is entered.
//!
//! The decision comes before the guards, for two reasons: their refusals are in the caller's
//! format too, and nothing is looked up for an answer that could not be given. What it tells a
//! stranger, OPTIONS tells too.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use purlin_base::ErrorClass;

use crate::{Problem, RouteInfo, accept::Accept, edge::current, xml::XmlRoots};

const JSON: &str = "application/json";
/// The types of XML, the usual one first.
const XML: [&str; 2] = ["application/xml", "text/xml"];

/// The format of an answer that is not plain JSON.
#[derive(Clone, Debug)]
pub(crate) struct Format {
    /// The roots if it is XML; else it is JSON.
    pub(crate) xml: Option<XmlRoots>,
    /// What is sent as `Content-Type`.
    pub(crate) media_type: HeaderValue,
}

/// The `Accept` field, all of its lines as one, unless it means JSON by itself.
pub(crate) fn unusual(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut lines = headers.get_all(header::ACCEPT).iter();
    let (first, second) = (lines.next()?, lines.next());
    if second.is_none() {
        return (!means_json(first.as_bytes())).then(|| first.clone());
    }
    let lines: Vec<&[u8]> = headers
        .get_all(header::ACCEPT)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    HeaderValue::from_bytes(&lines.join(&b","[..])).ok()
}

/// Whether a field is `*/*`, or begins with JSON in full: then nothing is more welcome. Most
/// programs send one of these, and so nothing is parsed for them.
fn means_json(field: &[u8]) -> bool {
    match field.strip_prefix(JSON.as_bytes()) {
        Some(rest) => rest.first().is_none_or(|next| *next == b','),
        None => matches!(field, b"*/*" | b""),
    }
}

fn read(field: &HeaderValue) -> Accept {
    Accept::parse(field.to_str().unwrap_or_default())
}

/// Decides the format of what `info` answers; `None` is plain JSON.
///
/// # Errors
///
/// 406 if the route answers with a value, and in no format that the caller accepts.
pub(crate) fn choose(
    info: &RouteInfo,
    accept: &HeaderValue,
    vendor: Option<&Arc<str>>,
) -> Result<Option<Format>, Problem> {
    if !info.negotiates() {
        return Ok(None);
    }
    let vendor = |suffix: &str| vendor.map(|name| format!("{name}+{suffix}"));
    let mut offers: Vec<(String, Option<XmlRoots>)> = Vec::with_capacity(5);
    let mut offer = |name: Option<String>, xml| offers.extend(name.map(|name| (name, xml)));
    offer(vendor("json"), None);
    offer(Some(JSON.to_owned()), None);
    if info.xml.is_some() {
        offer(vendor("xml"), info.xml);
        XML.iter()
            .for_each(|name| offer(Some((*name).to_owned()), info.xml));
    }
    let names: Vec<&str> = offers.iter().map(|(name, _)| name.as_str()).collect();
    let best = read(accept).best(&names).ok_or_else(|| refusal(info))?;
    let chosen = offers.iter().find(|(name, _)| name == best);
    Ok(chosen.and_then(|(name, xml)| {
        let media_type = HeaderValue::from_str(name).ok()?;
        (name != JSON).then_some(Format {
            xml: *xml,
            media_type,
        })
    }))
}

#[cold]
fn refusal(info: &RouteInfo) -> Problem {
    let detail = match info.xml {
        Some(_) => "this is answered as `application/json` or `application/xml`",
        None => "this is answered as `application/json`",
    };
    Problem::new(ErrorClass::NotAcceptable, "HTTP_NOT_ACCEPTABLE").detail(detail)
}

/// Whether a problem is told in XML: as the answer would have been, or, where there is no telling,
/// if XML is more welcome than JSON.
pub(crate) fn problem_is_xml() -> bool {
    let Some((format, accept)) = current::format_and_accept() else {
        return false;
    };
    if let Some(format) = format {
        return format.xml.is_some();
    }
    let Some(accept) = accept else {
        return false;
    };
    let (accept, vendor) = (read(&accept), current::vendor_type());
    let welcome = |of_problem: &str, plain: &[&str], suffix: &str| {
        let vendor = vendor.as_ref().map(|name| format!("{name}+{suffix}"));
        let names = plain
            .iter()
            .copied()
            .chain([of_problem])
            .chain(vendor.as_deref());
        names.map(|name| accept.quality(name)).max()
    };
    let json = welcome(crate::problem::PROBLEM_JSON, &[JSON], "json");
    welcome(crate::problem::PROBLEM_XML, &XML, "xml") > json
}

/// What the body of a request is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFormat {
    Json,
    Xml(XmlRoots),
}

/// The format that `Content-Type` names, if it is one that the route reads. Any type whose suffix
/// says so is read, since a body of another version is refused by its fields.
pub(crate) fn of_body(headers: &HeaderMap) -> Option<BodyFormat> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mut parts = kind.split(';');
    let essence = parts.next().unwrap_or_default().trim();
    if is_of(essence, &[JSON], "json") {
        return Some(BodyFormat::Json);
    }
    let roots = current::xml_roots()?;
    let utf8 = parts.all(is_utf8);
    (utf8 && is_of(essence, &XML, "xml")).then_some(BodyFormat::Xml(roots))
}

fn is_of(essence: &str, names: &[&str], suffix: &str) -> bool {
    if names.iter().any(|name| essence.eq_ignore_ascii_case(name)) {
        return true;
    }
    let (family, rest) = essence.split_once('/').unwrap_or_default();
    let ends = rest.rsplit_once('+');
    family.eq_ignore_ascii_case("application")
        && ends.is_some_and(|(_, end)| end.eq_ignore_ascii_case(suffix))
}

/// Whether `parameter` is none that names a charset other than UTF-8.
fn is_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return true;
    };
    let value = value.trim().trim_matches('"');
    let ours = ["utf-8", "us-ascii"];
    !name.trim().eq_ignore_ascii_case("charset")
        || ours
            .iter()
            .any(|charset| value.eq_ignore_ascii_case(charset))
}

#[cfg(test)]
mod tests;
