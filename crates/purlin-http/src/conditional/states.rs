//! Conditions as a statement of a database asks them.

use std::{fmt::Display, str::FromStr};

use super::{Preconditions, tag_list::TagList};
use crate::{
    ETag,
    reply::etag::{Compared, Tag},
};

/// The states in which a write may happen, as values of the column that tags are made of.
///
/// [`Preconditions::states`] makes it. To compare and to write is then one statement:
///
/// ```text
/// update books set … where id = $1 and version in (among) and version not in (except)
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct States<K> {
    /// Only in one of these; `None`: in any. Empty: in none.
    pub among: Option<Vec<K>>,
    /// In none of these.
    pub except: Vec<K>,
}

impl Preconditions {
    /// `If-Match` and `If-None-Match` as the states that they allow, at most 64 in each list. Tags
    /// that [`ETag::strong`] does not make of a `K` name no state.
    ///
    /// `If-Unmodified-Since` is not among them; [`check`](Self::check) knows it.
    ///
    /// # Examples
    ///
    /// ```
    /// use purlin_http::{ETag, IfMatch};
    ///
    /// let seen = IfMatch::tag(ETag::strong(7).variant("staff")).states::<i64>();
    /// assert_eq!(seen.among, Some(vec![7]));
    /// ```
    pub fn states<K: FromStr + Display>(&self) -> States<K> {
        let excluded = self.if_none_match.as_ref();
        let allowed = self.if_match.as_ref().filter(|list| !list.is_any());
        let among = match excluded.is_some_and(TagList::is_any) {
            true => Some(Vec::new()),
            false => allowed.map(|list| keys(list, ETag::strong)),
        };
        let except = excluded.map(|list| keys(list, ETag::weak));
        States {
            among,
            except: except.unwrap_or_default(),
        }
    }
}

/// The states that `list` names. A tag counts if it is the one that would be made of its key.
fn keys<K: FromStr + Display>(list: &TagList, tag: impl Fn(String) -> ETag) -> Vec<K> {
    let key = |seen: Tag<'_>| {
        let key: K = seen.to_owned()?.state().parse().ok()?;
        let made = tag(key.to_string());
        let same = match made.is_weak() {
            true => seen.is_weakly(&made, Compared::State),
            false => seen.is_strongly(&made, Compared::State),
        };
        same.then_some(key)
    };
    list.tags().filter_map(key).collect()
}
