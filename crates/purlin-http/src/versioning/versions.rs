//! In which versions a route is, as the route says it.

use std::ops::{RangeFrom, RangeInclusive, RangeToInclusive};

/// In which versions of the API a route is. Ranges are by the order in which
/// [`Versioning`](super::Versioning) names the versions.
///
/// | `#[version(…)]` | in |
/// | --- | --- |
/// | `"1"` | that one |
/// | `"1", "3"` | these |
/// | `"2"..` | that one and all later ones |
/// | `"1"..="3"` | these and all between |
/// | `..="2"` | that one and all earlier ones |
///
/// # Examples
///
/// ```
/// use purlin_http::{NoContent, Route, versioning::Versions};
///
/// let route = Route::delete("/{id}").version("2"..).public().handler(async || NoContent);
/// assert_eq!(Versions::from(["1", "2"]), Versions::These(vec!["1", "2"]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Versions {
    /// Nothing is said: refused at start where versions are.
    #[default]
    Unnamed,
    /// The route is one for all versions, and its address has none.
    Neutral,
    /// These.
    These(Vec<&'static str>),
    /// This one and all later ones.
    From(&'static str),
    /// The first, the last and all between.
    Between(&'static str, &'static str),
    /// This one and all earlier ones.
    UpTo(&'static str),
}

impl Versions {
    /// Whether it names a version.
    pub(super) fn names_any(&self) -> bool {
        !matches!(self, Self::Unnamed | Self::Neutral)
    }

    /// The places among `known`, each once and rising; else what is wrong.
    pub(super) fn places(&self, known: &[&'static str]) -> Result<Vec<usize>, String> {
        let place = |name: &str| {
            let found = known.iter().position(|other| *other == name);
            found.ok_or_else(|| format!("there is no version `{name}`"))
        };
        match self {
            Self::Unnamed | Self::Neutral => Ok(Vec::new()),
            Self::These(names) => these(names, place),
            Self::From(first) => Ok((place(first)?..known.len()).collect()),
            Self::UpTo(last) => Ok((0..=place(last)?).collect()),
            Self::Between(first, last) if place(first)? > place(last)? => {
                Err(format!("version `{first}` comes after version `{last}`"))
            }
            Self::Between(first, last) => Ok((place(first)?..=place(last)?).collect()),
        }
    }
}

fn these(
    names: &[&'static str],
    place: impl Fn(&str) -> Result<usize, String>,
) -> Result<Vec<usize>, String> {
    let mut places = Vec::with_capacity(names.len());
    for name in names {
        let found = place(name)?;
        if places.contains(&found) {
            return Err(format!("it names version `{name}` twice"));
        }
        places.push(found);
    }
    if places.is_empty() {
        return Err("it names no version".to_owned());
    }
    places.sort_unstable();
    Ok(places)
}

impl From<&'static str> for Versions {
    fn from(one: &'static str) -> Self {
        Self::These(vec![one])
    }
}

impl<const N: usize> From<[&'static str; N]> for Versions {
    fn from(names: [&'static str; N]) -> Self {
        Self::These(names.into())
    }
}

impl From<RangeFrom<&'static str>> for Versions {
    fn from(range: RangeFrom<&'static str>) -> Self {
        Self::From(range.start)
    }
}

impl From<RangeInclusive<&'static str>> for Versions {
    fn from(range: RangeInclusive<&'static str>) -> Self {
        let (first, last) = range.into_inner();
        Self::Between(first, last)
    }
}

impl From<RangeToInclusive<&'static str>> for Versions {
    fn from(range: RangeToInclusive<&'static str>) -> Self {
        Self::UpTo(range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["1", "2", "beta", "3"];

    fn places(versions: impl Into<Versions>) -> Result<Vec<usize>, String> {
        versions.into().places(&KNOWN)
    }

    #[test]
    fn lists_and_ranges_are_by_the_order_of_the_versions() {
        assert_eq!(places("beta"), Ok(vec![2]));
        assert_eq!(places(["3", "1"]), Ok(vec![0, 3]));
        assert_eq!(places("2"..), Ok(vec![1, 2, 3]));
        assert_eq!(places("2"..="beta"), Ok(vec![1, 2]));
        assert_eq!(places(..="2"), Ok(vec![0, 1]));
    }

    #[test]
    fn unknown_doubled_empty_and_backward_ones_are_faults() {
        let none: [&str; 0] = [];
        for fault in [
            places("4"),
            places("4"..),
            places("1"..="4"),
            places(..="4"),
            places(["1", "1"]),
            places(none),
            places("3"..="1"),
        ] {
            assert!(fault.is_err(), "{fault:?}");
        }
    }
}
