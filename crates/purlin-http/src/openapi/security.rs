//! How callers show who they are.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// A way to show who asks, as a document names it. One name is one scheme in all of a document.
///
/// # Examples
///
/// ```
/// use purlin_http::openapi::SecurityScheme;
///
/// let session = SecurityScheme::cookie("session", "id");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityScheme {
    pub(super) name: &'static str,
    pub(super) value: Value,
}

impl SecurityScheme {
    /// `Authorization: Bearer`, by the name `bearer`.
    pub fn bearer() -> Self {
        Self::new("bearer", json!({"type": "http", "scheme": "bearer"}))
    }

    /// The cookie `cookie`.
    pub fn cookie(name: &'static str, cookie: &str) -> Self {
        Self::new(
            name,
            json!({"type": "apiKey", "in": "cookie", "name": cookie}),
        )
    }

    /// The header field `header`.
    pub fn header(name: &'static str, header: &str) -> Self {
        Self::new(
            name,
            json!({"type": "apiKey", "in": "header", "name": header}),
        )
    }

    /// Any Security Scheme Object of OpenAPI 3.1.
    pub fn new(name: &'static str, value: Value) -> Self {
        Self { name, value }
    }
}

/// What an operation asks for: one of several sets of schemes.
#[derive(Default)]
pub(super) struct Security(Option<Vec<BTreeSet<&'static str>>>);

impl Security {
    fn sets(&mut self) -> &mut Vec<BTreeSet<&'static str>> {
        self.0.get_or_insert_with(|| vec![BTreeSet::new()])
    }

    /// Asks for `name` beside what is asked for already.
    pub(super) fn require(&mut self, name: &'static str) {
        let mut seen = BTreeSet::new();
        self.sets().retain_mut(|set| {
            set.insert(name);
            seen.insert(set.clone())
        });
    }

    /// Takes `name` where it is shown, and asks for nothing more where it is not.
    pub(super) fn accept(&mut self, name: &'static str) {
        let mut with = Self(Some(self.sets().clone()));
        with.require(name);
        let sets = self.sets();
        for set in with.0.unwrap_or_default() {
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
    }

    /// `None` where nothing is asked for.
    pub(super) fn into_value(self) -> Option<Value> {
        let set = |set: BTreeSet<&'static str>| -> Value {
            set.into_iter()
                .map(|name| (name.to_owned(), json!([])))
                .collect()
        };
        Some(self.0?.into_iter().map(set).collect())
    }
}
