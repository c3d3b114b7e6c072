//! Which content coding a stream is sent in.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};

/// The content coding that the caller would like a stream in, by `Accept-Encoding`.
///
/// As an argument of a handler it never refuses. gzip is chosen if it is welcome, and not less so
/// than no coding at all; a weight that is malformed counts as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamCoding {
    /// As it is.
    #[default]
    Identity,
    /// gzip.
    Gzip,
}

/// Entries of the field that are read; further ones count for nothing.
const ENTRIES_MAX: usize = 32;

impl StreamCoding {
    /// What the `Accept-Encoding` fields of `headers` ask for.
    pub fn of(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(header::ACCEPT_ENCODING).iter();
        let texts = fields.filter_map(|field| field.to_str().ok());
        let entries = texts.flat_map(|text| text.split(',')).take(ENTRIES_MAX);
        let (mut gzip, mut identity, mut any) = (None, None, None);
        for (name, weight) in entries.filter_map(entry) {
            match name.as_str() {
                "gzip" | "x-gzip" => gzip = Some(weight),
                "identity" => identity = Some(weight),
                "*" => any = Some(weight),
                _ => {}
            }
        }
        let gzip = gzip.or(any).unwrap_or(0.0);
        // Never named, it is welcome, though gladly given up for what is named.
        let identity = identity.unwrap_or(0.0);
        if gzip > 0.0 && gzip >= identity {
            Self::Gzip
        } else {
            Self::Identity
        }
    }
}

fn entry(text: &str) -> Option<(String, f32)> {
    let mut parts = text.split(';');
    let name = parts.next()?.trim().to_ascii_lowercase();
    let weight = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let weight = match weight {
        None => 1.0,
        Some(text) => text.parse().unwrap_or(0.0),
    };
    let weight = if (0.0..=1.0).contains(&weight) {
        weight
    } else {
        0.0
    };
    (!name.is_empty()).then_some((name, weight))
}

impl<S: Sync> FromRequestParts<S> for StreamCoding {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_chosen_where_it_is_welcome() {
        for (field, coding) in [
            ("gzip", StreamCoding::Gzip),
            ("GZIP;q=0.5, br", StreamCoding::Gzip),
            ("*", StreamCoding::Gzip),
            ("deflate, x-gzip", StreamCoding::Gzip),
            ("", StreamCoding::Identity),
            ("br", StreamCoding::Identity),
            ("gzip;q=0", StreamCoding::Identity),
            ("*, gzip;q=0", StreamCoding::Identity),
            ("gzip;q=0.4, identity;q=0.5", StreamCoding::Identity),
            ("gzip;q=x", StreamCoding::Identity),
            ("gzip;q=NaN", StreamCoding::Identity),
            ("gzip;q=7", StreamCoding::Identity),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, field.parse().unwrap());
            assert_eq!(StreamCoding::of(&headers), coding, "{field}");
        }
        assert_eq!(StreamCoding::of(&HeaderMap::new()), StreamCoding::Identity);
    }
}
