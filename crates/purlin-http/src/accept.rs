//! What the caller would like to be answered with: the `Accept` field.

use std::fmt;

use http::{HeaderMap, header};

/// The media ranges of an `Accept` field, in the order they were sent.
///
/// Reads at most [`RANGES_MAX`](Self::RANGES_MAX) ranges; further ones count for nothing. A range
/// that is malformed is left out, as if it had not been sent. No field, and an empty one, accept
/// everything.
///
/// # Source
///
/// RFC 9110 §12.5.1.
///
/// # Examples
///
/// ```
/// use purlin_http::accept::Accept;
///
/// let accept = Accept::parse("text/html;q=0.4, application/*, application/xml;q=0.8");
/// let offers = ["application/xml", "application/json", "text/html"];
/// assert_eq!(accept.best(&offers), Some("application/json"));
/// assert_eq!(accept.best(&["image/png"]), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accept {
    ranges: Vec<MediaRange>,
    is_all: bool,
}

/// One entry of an `Accept` field: `application/*;q=0.5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaRange {
    family: String,
    subtype: String,
    /// In thousandths.
    quality: u16,
}

impl Accept {
    /// The most ranges that are read.
    pub const RANGES_MAX: usize = 64;

    /// Reads all `Accept` fields of `headers`.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut fields = headers.get_all(header::ACCEPT).iter();
        let (first, second) = (fields.next(), fields.next());
        match (first, second) {
            (None, _) => Self::everything(),
            (Some(only), None) => Self::parse(only.to_str().unwrap_or_default()),
            _ => {
                let fields = headers.get_all(header::ACCEPT).iter();
                let texts: Vec<&str> = fields.filter_map(|field| field.to_str().ok()).collect();
                Self::parse(&texts.join(","))
            }
        }
    }

    /// Reads one field value.
    pub fn parse(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::everything();
        }
        let entries = split(text, b',').take(Self::RANGES_MAX);
        Self {
            ranges: entries.filter_map(MediaRange::parse).collect(),
            is_all: false,
        }
    }

    fn everything() -> Self {
        Self {
            ranges: Vec::new(),
            is_all: true,
        }
    }

    /// The ranges, in the order they were sent; empty if everything is accepted.
    pub fn ranges(&self) -> &[MediaRange] {
        &self.ranges
    }

    /// How welcome `media_type` is, in thousandths; 0 if it is not. The most specific range that
    /// names it counts.
    pub fn quality(&self, media_type: &str) -> u16 {
        if self.is_all {
            return 1000;
        }
        let matching = self.ranges.iter().filter(|range| range.names(media_type));
        let most_specific = matching.max_by_key(|range| range.specificity());
        most_specific.map_or(0, |range| range.quality)
    }

    /// The most welcome of `offers`; of equals the first. `None` if none is.
    pub fn best<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        let welcome = offers.iter().map(|offer| (self.quality(offer), *offer));
        let best = welcome
            .filter(|(quality, _)| *quality > 0)
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, offer)| offer)
    }
}

impl MediaRange {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = split(text, b';');
        let (family, subtype) = parts.next()?.trim().split_once('/')?;
        let wild = family == "*" && subtype != "*";
        if wild || !is_token(family) || !is_token(subtype) {
            return None;
        }
        let mut quality = 1000;
        for part in parts {
            if let Some((name, value)) = part.split_once('=')
                && name.trim().eq_ignore_ascii_case("q")
            {
                quality = thousandths(value.trim())?;
            }
        }
        Some(Self {
            family: family.to_ascii_lowercase(),
            subtype: subtype.to_ascii_lowercase(),
            quality,
        })
    }

    /// What stands before the slash, in lower case; `*` is any.
    pub fn family(&self) -> &str {
        &self.family
    }

    /// What stands after the slash, in lower case; `*` is any.
    pub fn subtype(&self) -> &str {
        &self.subtype
    }

    /// How welcome it is, in thousandths.
    pub fn quality(&self) -> u16 {
        self.quality
    }

    /// Whether it names `media_type`, of whose parameters none counts.
    pub fn names(&self, media_type: &str) -> bool {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let Some((family, subtype)) = essence.split_once('/') else {
            return false;
        };
        let same = |mine: &str, other: &str| mine == "*" || mine.eq_ignore_ascii_case(other);
        same(&self.family, family) && same(&self.subtype, subtype)
    }

    fn specificity(&self) -> u8 {
        u8::from(self.family != "*") + u8::from(self.subtype != "*")
    }
}

impl fmt::Display for MediaRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.family, self.subtype)
    }
}

/// Splits at `at` where it does not stand in a quoted string.
fn split(text: &str, at: u8) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        let separates = !quoted && c == char::from(at);
        match c {
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
        separates
    })
}

fn is_token(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(sign)
}

/// A weight of 0 to 1 with at most three digits behind the point, as thousandths.
pub(crate) fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 3 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let behind: u16 = format!("{rest:0<3}").parse().ok()?;
    match whole {
        "0" => Some(behind),
        "1" if behind == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_range_counts_wherever_it_stands() {
        let accept = Accept::parse("*/*;q=0.1, application/*;q=0.5, application/xml, a/b;q=0");
        for (media_type, quality) in [
            ("application/xml", 1000),
            ("Application/JSON; charset=utf-8", 500),
            ("text/html", 100),
            ("a/b", 0),
            ("nothing", 0),
        ] {
            assert_eq!(accept.quality(media_type), quality, "{media_type}");
        }
    }

    #[test]
    fn of_equals_the_first_offer_is_the_best() {
        let offers = ["application/json", "application/xml"];
        for (field, best) in [
            ("", Some("application/json")),
            ("*/*", Some("application/json")),
            (
                "application/xml, application/json",
                Some("application/json"),
            ),
            ("application/xml, */*;q=0.9", Some("application/xml")),
            ("application/json;q=0, */*", Some("application/xml")),
            ("text/html", None),
        ] {
            assert_eq!(Accept::parse(field).best(&offers), best, "{field}");
        }
    }

    #[test]
    fn a_malformed_range_counts_for_nothing() {
        for bad in [
            "x",
            "*/json",
            "a/b;q=2",
            "a/b;q=0.1234",
            "a/b;q=",
            "a b/c",
            "/",
            "a/",
            ";;;",
        ] {
            assert_eq!(Accept::parse(bad).best(&["a/b"]), None, "{bad}");
        }
        let quoted = Accept::parse(r#"a/b;x="y,c/d;q=0.\"1", c/d;q=0.5"#);
        assert_eq!(quoted.quality("a/b"), 1000);
        assert_eq!(quoted.quality("c/d"), 500);
    }

    #[test]
    fn a_field_of_any_length_names_a_bounded_number_of_ranges() {
        let long = "a/b,".repeat(10_000) + "c/d";
        let accept = Accept::parse(&long);
        assert_eq!(accept.ranges().len(), Accept::RANGES_MAX);
        assert_eq!(accept.quality("c/d"), 0);
    }

    #[test]
    fn several_fields_are_one_list() {
        let mut headers = HeaderMap::new();
        assert_eq!(Accept::of(&headers).quality("a/b"), 1000);
        headers.append(header::ACCEPT, "a/b;q=0.2".parse().unwrap());
        headers.append(header::ACCEPT, "c/d".parse().unwrap());
        assert_eq!(Accept::of(&headers).best(&["a/b", "c/d"]), Some("c/d"));
    }
}
