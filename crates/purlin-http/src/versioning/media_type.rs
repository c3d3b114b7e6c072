//! Versions asked for by `Accept: application/vnd.bookshop.v2+json`.

use std::sync::Arc;

use http::{HeaderMap, header};

use super::resolve::looks_like_version;
use crate::accept::Accept;

/// The media types of the versions, of which the answer gets the suffix.
#[derive(Debug)]
pub(super) struct VendorTypes {
    family: &'static str,
    /// `vnd.bookshop.v`.
    before: String,
    /// The names of the versions.
    names: Vec<&'static str>,
    /// `application/vnd.bookshop.v2`, for each version.
    types: Vec<Arc<str>>,
}

/// How welcome the versions are, in thousandths.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing is accepted but this one, or an unknown one.
    Only(Option<usize>),
    /// Several media types are.
    Many {
        /// By each version's own media type.
        versions: Vec<u16>,
        /// By a media type without a version, which any version may have.
        plain: u16,
    },
}

impl VendorTypes {
    /// The types of the versions `names` below `vendor`: `application/vnd.bookshop`.
    pub(super) fn new(vendor: &'static str, names: &[&'static str]) -> Self {
        let (family, subtype) = vendor.split_once('/').unwrap_or((vendor, ""));
        let all = names.iter().map(|name| format!("{vendor}.v{name}").into());
        Self {
            family,
            before: format!("{subtype}.v"),
            names: names.to_vec(),
            types: all.collect(),
        }
    }

    /// The type of the version at `place`, without a suffix.
    pub(super) fn of(&self, place: usize) -> &Arc<str> {
        &self.types[place]
    }

    /// What `Accept` says of versions; `None` if nothing, which is found out without reading it.
    pub(super) fn wish(&self, headers: &HeaderMap) -> Option<Wish> {
        let mut fields = headers.get_all(header::ACCEPT).iter();
        let first = fields.next()?;
        if fields.next().is_none()
            && let Some(only) = self.only(first.as_bytes())
        {
            return Some(Wish::Only(self.place(only)));
        }
        let mut fields = headers.get_all(header::ACCEPT).iter();
        let is_named = fields.any(|field| self.is_in(field.as_bytes()));
        is_named.then(|| self.read(headers)).flatten()
    }

    fn read(&self, headers: &HeaderMap) -> Option<Wish> {
        let (mut versions, mut plain) = (vec![0; self.names.len()], 0);
        let mut named = false;
        for range in Accept::of(headers).ranges() {
            let version = self.version_in(range.family(), range.subtype());
            named |= version.is_some() && range.quality() > 0;
            let quality = match version.map(|name| self.place(name)) {
                None => &mut plain,
                Some(Some(place)) => &mut versions[place],
                Some(None) => continue,
            };
            *quality = range.quality().max(*quality);
        }
        named.then_some(Wish::Many { versions, plain })
    }

    /// The version of a field that is one lower-case media type and nothing more, as most are that
    /// name a version.
    fn only<'f>(&self, field: &'f [u8]) -> Option<&'f str> {
        let (family, subtype) = std::str::from_utf8(field).ok()?.split_once('/')?;
        let name = self.version_in(family, subtype)?;
        let suffix = &subtype[self.before.len() + name.len()..];
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'+';
        suffix.bytes().all(plain).then_some(name)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }

    fn is_in(&self, field: &[u8]) -> bool {
        let before = self.before.as_bytes();
        let mut parts = field.windows(before.len());
        parts.any(|part| part.eq_ignore_ascii_case(before))
    }

    /// The version that a media range names, known or not.
    fn version_in<'r>(&self, family: &str, subtype: &'r str) -> Option<&'r str> {
        let rest = subtype.strip_prefix(&*self.before)?;
        let name = rest.split_once('+').map_or(rest, |(name, _suffix)| name);
        let is_one = looks_like_version(name) || self.names.contains(&name);
        (family == self.family && is_one).then_some(name)
    }
}

impl Wish {
    fn quality(&self, place: usize) -> u16 {
        match self {
            Self::Only(only) => 1000 * u16::from(*only == Some(place)),
            Self::Many { versions, .. } => versions.get(place).copied().unwrap_or(0),
        }
    }

    fn plain(&self) -> u16 {
        match self {
            Self::Only(_) => 0,
            Self::Many { plain, .. } => *plain,
        }
    }

    /// The most welcome version, if one is at least as welcome as media types without. Of equals
    /// the default, else the latest.
    pub(super) fn best(&self, default: usize) -> Option<usize> {
        let best = match self {
            Self::Only(only) => *only,
            Self::Many { versions, .. } => {
                let places = 0..versions.len();
                places.max_by_key(|place| (versions[*place], *place == default))
            }
        };
        best.filter(|best| self.is_named(*best))
    }

    /// Whether the version at `place` is to be answered by its own media type.
    pub(super) fn is_named(&self, place: usize) -> bool {
        let quality = self.quality(place);
        quality > 0 && quality >= self.plain()
    }

    /// Whether the version at `place` is accepted, by its own media type or by another.
    pub(super) fn accepts(&self, place: usize) -> bool {
        self.quality(place) > 0 || self.plain() > 0
    }

    /// Whether a known version is accepted, or media types without one.
    pub(super) fn accepts_any(&self) -> bool {
        match self {
            Self::Only(only) => only.is_some(),
            Self::Many { versions, plain } => *plain > 0 || versions.iter().any(|it| *it > 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(accept: &'static str) -> Option<Wish> {
        let types = VendorTypes::new("application/vnd.shop", &["1", "2"]);
        let mut headers = HeaderMap::new();
        headers.append(header::ACCEPT, accept.parse().unwrap());
        types.wish(&headers)
    }

    #[test]
    fn the_most_welcome_version_is_the_best_and_of_equals_the_default() {
        for (accept, best) in [
            ("application/vnd.shop.v1+json", Some(0)),
            ("Application/VND.Shop.V2+XML;q=0.2", Some(1)),
            ("application/vnd.shop.v2", Some(1)),
            (
                "application/vnd.shop.v1+json;q=0.5, application/vnd.shop.v2+json",
                Some(1),
            ),
            (
                "application/vnd.shop.v2+json, application/vnd.shop.v1+json",
                Some(0),
            ),
            ("application/vnd.shop.v1+json;q=0.5, application/json", None),
            ("application/vnd.shop.v9+json, application/json", None),
        ] {
            assert_eq!(wish(accept).and_then(|wish| wish.best(0)), best, "{accept}");
        }
    }

    #[test]
    fn what_names_no_version_is_no_wish() {
        for accept in [
            "*/*",
            "application/json",
            "application/vnd.shop+json",
            "application/vnd.shop.vat+json",
            "application/vnd.shop.v1+json;q=0",
            "text/vnd.shop.v1",
            "application/x;a=\"application/vnd.shop.v1+json\"",
        ] {
            assert_eq!(wish(accept), None, "{accept}");
        }
    }

    #[test]
    fn an_unknown_version_is_no_harm_where_others_are_accepted() {
        let only = wish("application/vnd.shop.v9+json").unwrap();
        assert!(!only.accepts_any());
        let also = wish("application/vnd.shop.v9+json, */*;q=0.1").unwrap();
        assert!(also.accepts_any() && also.accepts(0));
    }
}
