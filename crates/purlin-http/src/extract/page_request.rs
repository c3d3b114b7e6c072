//! Which page of a list is asked for.

use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};
use purlin_base::page::{self, Asked, PageInfo};

use super::query::bad_parameter;
use crate::{Page, Problem, reply::visible, versioning::asked_uri};

/// Which page is asked for, by `limit` and one of `cursor`, `offset` and `page`.
///
/// | parameter | meaning |
/// | --- | --- |
/// | `limit` | rows of a page, 1 to 100; 20 if it is not there |
/// | `cursor` | where the page begins, as an earlier page said; 1 to 4096 characters |
/// | `offset` | rows to skip, 0 to 10 000 |
/// | `page` | the page's number from 1: stands for an offset of `(page - 1) * limit` |
///
/// Two of the last three contradict each other. Each fault is 400 with the parameter.
#[derive(Clone, Debug)]
pub struct PageRequest {
    limit: u32,
    start: Start,
    uri: Uri,
}

#[derive(Clone, Debug)]
enum Start {
    Cursor(Option<String>),
    Offset(u64),
}

impl PageRequest {
    /// Rows of a page if the caller does not say.
    pub const LIMIT_DEFAULT: u32 = 20;
    /// Rows of a page at most.
    pub const LIMIT_MAX: u32 = 100;
    /// Rows skipped at most: beyond, the database would read for nothing.
    pub const OFFSET_MAX: u64 = 10_000;
    /// Characters of a cursor at most.
    pub const CURSOR_CHARS_MAX: usize = 4096;

    /// What is asked for, in the words that stores of lists share:
    /// `ListRequest::from(page.asked())`.
    pub fn asked(&self) -> Asked<'_> {
        let start = match &self.start {
            Start::Cursor(cursor) => page::Start::Cursor(cursor.as_deref()),
            Start::Offset(offset) => page::Start::Offset(*offset),
        };
        Asked {
            limit: self.limit,
            start,
        }
    }

    /// Rows asked for.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Where a walk by cursor goes on; `None` at its beginning, and for a page by offset.
    pub fn cursor(&self) -> Option<&str> {
        match &self.start {
            Start::Cursor(cursor) => cursor.as_deref(),
            Start::Offset(_) => None,
        }
    }

    /// Rows to skip; `None` for a walk by cursor.
    pub fn offset(&self) -> Option<u64> {
        match self.start {
            Start::Cursor(_) => None,
            Start::Offset(offset) => Some(offset),
        }
    }

    /// Answers with `page` and links to its neighbours, which keep the other parameters.
    pub fn answer<T>(&self, page: purlin_base::Page<T>) -> Page<T> {
        let links = match &page.page {
            PageInfo::Cursor(info) => {
                let ends = [("next", &info.next_cursor), ("prev", &info.prev_cursor)];
                let link = |(rel, cursor): (_, &Option<String>)| {
                    Some((rel, self.link("cursor", cursor.as_ref()?)))
                };
                ends.into_iter().filter_map(link).collect()
            }
            PageInfo::Offset(info) => self.offset_links(info.offset, info.total),
        };
        Page::new(page, links)
    }

    fn offset_links(&self, offset: u64, total: u64) -> Vec<(&'static str, String)> {
        let limit = u64::from(self.limit);
        let reachable = total.min(Self::OFFSET_MAX + 1);
        let last = reachable.saturating_sub(1) / limit * limit;
        let next = offset.saturating_add(limit);
        let mut links = vec![("first", 0)];
        if offset > 0 {
            // From beyond the end one comes back to the last rows, not to another empty page.
            links.push(("prev", offset.saturating_sub(limit).min(last)));
        }
        if next < total && next <= Self::OFFSET_MAX {
            links.push(("next", next));
        }
        links.push(("last", last));
        let link = |(rel, at): (_, u64)| (rel, self.link("offset", &at.to_string()));
        links.into_iter().map(link).collect()
    }

    /// The address asked for, with another start.
    fn link(&self, name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, kept) in form_urlencoded::parse(self.uri.query().unwrap_or("").as_bytes()) {
            if !matches!(&*key, "cursor" | "offset" | "page") {
                query.append_pair(&key, &kept);
            }
        }
        let query = query.append_pair(name, value).finish();
        format!("{}?{query}", visible(self.uri.path()))
    }

    /// Reads the parameters of `uri`.
    ///
    /// # Errors
    ///
    /// 400 with the parameter that is at fault.
    pub fn read(uri: &Uri) -> Result<Self, Problem> {
        let mut given = Given::default();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or("").as_bytes()) {
            given.take(&name, value.into_owned())?;
        }
        let limit = given.limit.map_or(Ok(Self::LIMIT_DEFAULT), |text| {
            number("limit", &text, 1, Self::LIMIT_MAX.into()).map(|limit| limit as u32)
        })?;
        let start = match (given.cursor, given.offset, given.page) {
            (None, None, None) => Start::Cursor(None),
            (Some(cursor), None, None) => Start::Cursor(Some(checked(cursor)?)),
            (None, Some(text), None) => Start::Offset(checked_offset("offset", &text)?),
            (None, None, Some(text)) => Start::Offset(offset_of_page(&text, limit)?),
            (cursor, offset, _) => return Err(contradiction(cursor.is_some() && offset.is_some())),
        };
        Ok(Self {
            limit,
            start,
            uri: uri.clone(),
        })
    }
}

/// The parameters as they were sent.
#[derive(Default)]
struct Given {
    limit: Option<String>,
    cursor: Option<String>,
    offset: Option<String>,
    page: Option<String>,
}

impl Given {
    fn take(&mut self, name: &str, value: String) -> Result<(), Problem> {
        let place = match name {
            "limit" => &mut self.limit,
            "cursor" => &mut self.cursor,
            "offset" => &mut self.offset,
            "page" => &mut self.page,
            _ => return Ok(()),
        };
        match place.replace(value) {
            Some(_) => Err(bad_parameter(name, "duplicate", "it is given twice")),
            None => Ok(()),
        }
    }
}

fn checked(cursor: String) -> Result<String, Problem> {
    let fits = 1..=PageRequest::CURSOR_CHARS_MAX;
    if fits.contains(&cursor.len()) && cursor.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(cursor);
    }
    Err(bad_parameter(
        "cursor",
        "malformed",
        "it is none that a page has given",
    ))
}

fn checked_offset(name: &'static str, text: &str) -> Result<u64, Problem> {
    let offset = number(name, text, 0, u64::MAX)?;
    within_reach(name, offset)
}

fn offset_of_page(text: &str, limit: u32) -> Result<u64, Problem> {
    let page = number("page", text, 1, u64::MAX)?;
    within_reach("page", (page - 1).saturating_mul(limit.into()))
}

fn within_reach(name: &'static str, offset: u64) -> Result<u64, Problem> {
    if offset <= PageRequest::OFFSET_MAX {
        return Ok(offset);
    }
    let message = format!(
        "more than {} rows are not skipped: use `cursor`",
        PageRequest::OFFSET_MAX
    );
    Err(bad_parameter(name, "range", &message).detail(message))
}

fn number(name: &'static str, text: &str, min: u64, max: u64) -> Result<u64, Problem> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return Err(bad_parameter(name, "type", "it is not a whole number"));
    }
    // Too many digits for the type are more than any maximum.
    let value = text.parse().unwrap_or(u64::MAX);
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(bad_parameter(
        name,
        "range",
        &format!("it must be {min} to {max}"),
    ))
}

fn contradiction(cursor_and_offset: bool) -> Problem {
    let name = if cursor_and_offset { "offset" } else { "page" };
    bad_parameter(
        name,
        "contradiction",
        "only one of `cursor`, `offset` and `page` can be given",
    )
}

impl<S: Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = Self::read(&parts.uri)?;
        Ok(Self {
            uri: asked_uri(&parts.uri, &parts.extensions).clone(),
            ..read
        })
    }
}
