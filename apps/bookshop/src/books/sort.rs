//! The orders that a list of books can be asked in.

use std::{fmt, str::FromStr};

/// An order of the book list. Equal books follow each other by identifier, upwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BookSort {
    /// By identifier, which is the order of creation: `id`.
    #[default]
    Id,
    /// By [`sort_key`](super::sort_key) of the title: `title`.
    Title,
    /// The same backwards: `-title`.
    TitleDown,
    /// Oldest first: `year`.
    Year,
    /// Newest first: `-year`.
    YearDown,
    /// Cheapest first: `price`.
    Price,
    /// Dearest first: `-price`.
    PriceDown,
}

/// The text names no order of books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sort is one of id, title, -title, year, -year, price, -price")]
pub struct UnknownSort;

impl BookSort {
    /// Every order.
    pub const ALL: [Self; 7] = [
        Self::Id,
        Self::Title,
        Self::TitleDown,
        Self::Year,
        Self::YearDown,
        Self::Price,
        Self::PriceDown,
    ];

    /// The name that a caller asks by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::TitleDown => "-title",
            Self::Year => "year",
            Self::YearDown => "-year",
            Self::Price => "price",
            Self::PriceDown => "-price",
        }
    }
}

impl fmt::Display for BookSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for BookSort {
    type Err = UnknownSort;

    fn from_str(name: &str) -> Result<Self, UnknownSort> {
        let found = Self::ALL.into_iter().find(|sort| sort.name() == name);
        found.ok_or(UnknownSort)
    }
}

impl<'de> serde::Deserialize<'de> for BookSort {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for BookSort {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BookSort".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": Self::ALL.map(Self::name)})
    }
}

impl serde::Serialize for BookSort {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_found_by_its_own_name_and_no_other() {
        for sort in BookSort::ALL {
            assert_eq!(sort.name().parse(), Ok(sort));
        }
        for name in ["", "ID", "-id", "price_cents", "--title", "title "] {
            assert_eq!(name.parse::<BookSort>(), Err(UnknownSort), "{name:?}");
        }
    }
}
