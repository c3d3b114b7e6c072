//! Finds out which version a request asks for, and where the router has it.

use std::borrow::Cow;

use axum::extract::Request;
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use super::{
    Versioning, VersioningError,
    media_type::VendorTypes,
    notice::Notice,
    place::rest_below,
    refusal::{Form, contradiction, not_acceptable, unknown},
};
use crate::{
    Problem,
    edge::current,
    reply::{vary, vary_field, vary_fields},
};

/// What requests are compared with; made once.
#[derive(Debug)]
pub(crate) struct Resolver {
    /// `/api`; empty for the root.
    pub(super) base: &'static str,
    pub(super) versions: Vec<Version>,
    pub(super) default: usize,
    path: Option<&'static str>,
    host: Option<&'static str>,
    pub(super) query: Option<&'static str>,
    header: Option<HeaderName>,
    vendor: Option<VendorTypes>,
    /// What the paths of neutral routes begin with, sorted.
    neutral: Vec<String>,
    /// What answers depend on where the path says no version.
    depends: Vec<HeaderName>,
    /// The same as one field.
    vary: Option<HeaderValue>,
}

#[derive(Debug)]
pub(super) struct Version {
    name: &'static str,
    /// Where the router has it: `/api/v2`.
    pub(super) mount: String,
    notice: Option<Notice>,
}

/// What is to be done to the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct After {
    /// The address says no version, and so the answer depends on other fields.
    depends: bool,
    /// The answer has the media type of its version.
    vendor: bool,
    /// The version, if it is deprecated.
    deprecated: Option<usize>,
}

/// A request that is given to no route.
pub(crate) struct Refusal {
    pub(crate) problem: Problem,
    pub(crate) after: After,
}

/// Whether `name` is the name of some version, known or not: digits, with dots and hyphens.
pub(super) fn looks_like_version(name: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    name.starts_with(|first: char| first.is_ascii_digit()) && name.bytes().all(sign)
}

impl Resolver {
    pub(super) fn new(
        versioning: &Versioning,
        mut neutral: Vec<String>,
    ) -> Result<Self, VersioningError> {
        let forms = &versioning.forms;
        let version = |place: usize| Version {
            name: versioning.versions[place],
            mount: versioning.mount_base(place),
            notice: versioning
                .deprecation_of(place)
                .map(|it| Notice::new(it, None)),
        };
        neutral.sort_unstable();
        let header: Option<HeaderName> = forms.header.and_then(|field| field.parse().ok());
        let depends = [
            forms.media_type.map(|_| header::ACCEPT),
            header.clone(),
            forms.host.map(|_| header::HOST),
        ];
        let depends: Vec<_> = depends.into_iter().flatten().collect();
        Ok(Self {
            vary: vary_field(&depends),
            depends,
            header,
            base: versioning.base.strip_suffix('/').unwrap_or(versioning.base),
            versions: (0..versioning.versions.len()).map(version).collect(),
            default: versioning.default_place()?,
            path: forms.path,
            host: forms.host,
            query: forms.query,
            vendor: forms
                .media_type
                .map(|it| VendorTypes::new(it, &versioning.versions)),
            neutral,
        })
    }

    /// Gives `request` the address of its version. Nothing is done to requests outside the API, and
    /// to neutral ones.
    pub(crate) fn resolve(&self, request: &mut Request) -> Result<After, Box<Refusal>> {
        let Some(rest) = rest_below(self.base, request.uri().path()) else {
            return Ok(After::default());
        };
        let first = rest.strip_prefix('/').map(until_slash);
        if self.is_neutral(first.unwrap_or_default()) && rest != "/" {
            return Ok(self.neutral(request.headers()));
        }
        let in_path = self.in_path(first.unwrap_or_default());
        let mut after = After {
            depends: self.path.is_none() || in_path == Named::Nothing,
            ..After::default()
        };
        let asked = self.version(request, in_path, &mut after);
        match asked.and_then(|asked| self.readdress(request, in_path, &asked)) {
            Ok(()) => Ok(after),
            Err(problem) => Err(Box::new(Refusal { problem, after })),
        }
    }

    /// The version that all forms together ask for.
    fn version(
        &self,
        request: &Request,
        in_path: Named,
        after: &mut After,
    ) -> Result<Asked, Problem> {
        let mut asked = Asked::default();
        asked.take(in_path, Form::Path)?;
        self.by_host(request, &mut asked)?;
        self.by_query(request.uri(), &mut asked)?;
        self.by_header(request.headers(), &mut asked)?;
        self.by_accept(request.headers(), &mut asked, after)?;
        let version = *asked.version.get_or_insert(self.default);
        after.deprecated = self.versions[version].notice.as_ref().map(|_| version);
        Ok(asked)
    }

    fn by_host(&self, request: &Request, asked: &mut Asked) -> Result<(), Problem> {
        let Some(prefix) = self.host else {
            return Ok(());
        };
        hosts(request).try_for_each(|host| asked.take(self.in_host(prefix, host), Form::Host))
    }

    fn by_query(&self, uri: &Uri, asked: &mut Asked) -> Result<(), Problem> {
        let (Some(name), Some(query)) = (self.query, uri.query()) else {
            return Ok(());
        };
        let mut pairs = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
        pairs.try_for_each(|(_, value)| {
            asked.in_query = true;
            asked.take(self.named(&value), Form::Parameter(name))
        })
    }

    /// A field that comes twice is one with a comma, since a proxy may join them.
    fn by_header(&self, headers: &HeaderMap, asked: &mut Asked) -> Result<(), Problem> {
        let Some(field) = &self.header else {
            return Ok(());
        };
        let values = headers.get_all(field).iter();
        let mut values = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        values.try_for_each(|value| {
            let name = std::str::from_utf8(value).unwrap_or_default().trim();
            asked.take(self.named(name), Form::Parameter(field.as_str()))
        })
    }

    /// Joins what `Accept` says with what the other forms say.
    fn by_accept(
        &self,
        headers: &HeaderMap,
        asked: &mut Asked,
        after: &mut After,
    ) -> Result<(), Problem> {
        let Some((types, wish)) = self
            .vendor
            .as_ref()
            .and_then(|it| Some((it, it.wish(headers)?)))
        else {
            return Ok(());
        };
        if !wish.accepts_any() {
            return Err(not_acceptable());
        }
        let version = match asked.version {
            Some(version) if !wish.accepts(version) => {
                return Err(contradiction(Form::Parameter(header::ACCEPT.as_str())));
            }
            Some(version) => version,
            None => wish.best(self.default).unwrap_or(self.default),
        };
        asked.version = Some(version);
        if wish.is_named(version) {
            current::set_vendor_type(types.of(version));
            after.vendor = true;
        }
        Ok(())
    }

    /// A neutral route is answered by the media type of any version that is accepted.
    fn neutral(&self, headers: &HeaderMap) -> After {
        let wish = self
            .vendor
            .as_ref()
            .and_then(|it| Some((it, it.wish(headers)?)));
        let best = wish.and_then(|(types, wish)| Some((types, wish.best(self.default)?)));
        if let Some((types, version)) = &best {
            current::set_vendor_type(types.of(*version));
        }
        After {
            vendor: best.is_some(),
            ..After::default()
        }
    }

    fn is_neutral(&self, first: &str) -> bool {
        let compare = |known: &String| known.as_str().cmp(first);
        self.neutral.binary_search_by(compare).is_ok()
    }

    fn in_path(&self, segment: &str) -> Named {
        let Some(name) = self.path.and_then(|prefix| segment.strip_prefix(prefix)) else {
            return Named::Nothing;
        };
        self.named_or_other(name)
    }

    fn in_host(&self, prefix: &str, host: &[u8]) -> Named {
        // Most hosts begin with something else, and are looked at no further.
        let begins = host.get(..prefix.len());
        if !begins.is_some_and(|begins| begins.eq_ignore_ascii_case(prefix.as_bytes())) {
            return Named::Nothing;
        }
        let host = std::str::from_utf8(host).unwrap_or_default();
        let Some((label, _)) = host.split_once('.') else {
            return Named::Nothing;
        };
        let label = match label.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(label.to_ascii_lowercase()),
            false => Cow::Borrowed(label),
        };
        label
            .strip_prefix(prefix)
            .map_or(Named::Nothing, |name| self.named_or_other(name))
    }

    /// The version `name`, where it may as well be something else.
    fn named_or_other(&self, name: &str) -> Named {
        match self.named(name) {
            Named::Unknown if !looks_like_version(name) => Named::Nothing,
            named => named,
        }
    }

    /// The version `name`, where nothing but a version can be.
    fn named(&self, name: &str) -> Named {
        let place = self
            .versions
            .iter()
            .position(|version| version.name == name);
        place.map_or(Named::Unknown, Named::Version)
    }

    /// Completes an answer.
    pub(crate) fn complete(&self, after: After, headers: &mut HeaderMap) {
        if after.depends {
            vary_fields(headers, &self.depends, self.vary.as_ref());
        } else if after.vendor {
            vary(headers, &header::ACCEPT);
        }
        // What answers knows its successor; what answers nothing has none.
        let notice = after
            .deprecated
            .and_then(|version| self.versions[version].notice.as_ref());
        if let Some(notice) = notice {
            notice.apply(headers, None);
        }
    }
}

impl After {
    pub(crate) fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// What one form says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Nothing,
    Version(usize),
    Unknown,
}

/// What the forms read so far say together.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) version: Option<usize>,
    /// Whether the query names it.
    pub(super) in_query: bool,
}

impl Asked {
    fn take(&mut self, named: Named, form: Form<'_>) -> Result<(), Problem> {
        match (named, self.version) {
            (Named::Nothing, _) => Ok(()),
            (Named::Unknown, _) => Err(unknown(form)),
            (Named::Version(one), Some(other)) if one != other => Err(contradiction(form)),
            (Named::Version(one), _) => {
                self.version = Some(one);
                Ok(())
            }
        }
    }
}

/// What stands before the first slash; it is short, so that it is looked for byte by byte.
fn until_slash(rest: &str) -> &str {
    let end = rest.bytes().position(|byte| byte == b'/');
    &rest[..end.unwrap_or(rest.len())]
}

/// The host by the address if that has one (HTTP/2, or the absolute form), else by the field.
fn hosts(request: &Request) -> impl Iterator<Item = &[u8]> {
    let in_uri = request.uri().host();
    let fields = request.headers().get_all(header::HOST).iter();
    let fields = fields
        .filter(move |_| in_uri.is_none())
        .map(|field| field.as_bytes());
    in_uri.map(str::as_bytes).into_iter().chain(fields)
}
