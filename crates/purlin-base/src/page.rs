//! One page of a list, by cursor or by offset: which is asked for, and what is answered.

/// Which page of a list is asked for, whoever asks and whoever answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Rows of the page.
    pub limit: u32,
    /// Where it begins.
    pub start: Start<'a>,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start<'a> {
    /// Where an earlier page said, or at the beginning of a walk.
    Cursor(Option<&'a str>),
    /// Behind so many rows.
    Offset(u64),
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(rename = "{T}Page"))]
pub struct Page<T> {
    /// The rows of the page, in the order of the list whichever way it was walked.
    pub items: Vec<T>,
    /// Where the page stands in the list.
    pub page: PageInfo,
}

impl<T> Page<T> {
    /// The same page with each item turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(turn).collect(),
            page: self.page,
        }
    }
}

/// Where a page stands in its list: the fields of its form.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum PageInfo {
    /// A page of a walk by cursor.
    Cursor(CursorInfo),
    /// A page by number of rows skipped.
    Offset(OffsetInfo),
}

/// The ends of a page of a walk by cursor.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct CursorInfo {
    /// Rows asked for.
    pub limit: u32,
    /// Where the next page begins; `None` at the end of the list.
    pub next_cursor: Option<String>,
    /// Where the previous page ends; `None` at the beginning of the list.
    pub prev_cursor: Option<String>,
}

/// The place of a page counted in rows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct OffsetInfo {
    /// Rows asked for.
    pub limit: u32,
    /// Rows skipped.
    pub offset: u64,
    /// Rows in the whole list, at the time of the page.
    pub total: u64,
}
