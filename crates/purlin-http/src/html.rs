//! Pages: markup that only a template or an escaping builder can make.
//!
//! [`Html`] is a type, not a text: what comes from outside is escaped on its way in. The answer
//! carries a Content-Security-Policy with a nonce of its own, so a script that slips through all
//! the same does not run.
//!
//! | to | use |
//! | --- | --- |
//! | write a page in a file | `Templates`, behind the feature `templates` |
//! | write a few lines of markup in Rust | [`HtmlBuilder`] |
//! | show markup from users | `sanitize`, behind the feature `sanitize` |
//! | change the policy of every page, or of one | [`Edge::html_policy`](crate::Edge::html_policy), [`Html::policy`] |
//! | show people a page for a failure, and programs a problem | [`PrefersHtml`], [`Problem::page`](crate::Problem::page) |
//!
//! The chapter `docs/html.md` of the book says what escaping does not cover.

use std::{fmt, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};

mod builder;
mod escape;
mod nonce;
mod policy;
mod prefers;
#[cfg(feature = "sanitize")]
pub mod sanitize;
#[cfg(feature = "templates")]
mod templates;

pub use builder::HtmlBuilder;
pub use nonce::Nonce;
pub use policy::{HtmlPolicy, PolicyError};
pub use prefers::PrefersHtml;
#[cfg(feature = "sanitize")]
#[doc(inline)]
pub use sanitize::sanitize;
#[cfg(feature = "templates")]
pub use templates::{RenderError, TemplateError, Templates, TemplatesBuilder};

use crate::{Reply, edge::current};

/// Markup in which everything from outside is escaped. As an answer: 200 with the page.
///
/// A text does not become markup by itself:
///
/// ```compile_fail
/// let page = purlin_http::Html(String::from("<p>Good day</p>"));
/// ```
///
/// The answer carries the security fields of an [`HtmlPolicy`], and `Cache-Control: private,
/// no-cache`: a page with a nonce in it belongs to one answer. For the same reason a page cannot
/// stand in a [`Tagged`](crate::Tagged).
///
/// # Examples
///
/// ```
/// use purlin_http::{Html, Reply};
///
/// let name = "<script>alert(1)</script>";
/// let page = Html::builder().markup("<p>Hello ").text(name).markup("</p>").build();
/// assert_eq!(page.as_str(), "<p>Hello &lt;script&gt;alert(1)&lt;/script&gt;</p>");
///
/// let answer = page.reply();
/// assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
/// let policy = answer.headers()["content-security-policy"].to_str()?;
/// assert!(policy.contains("script-src 'none'"));
/// # Ok::<(), http::header::ToStrError>(())
/// ```
#[derive(Clone)]
pub struct Html {
    markup: String,
    nonce: Option<Nonce>,
    policy: Option<Arc<HtmlPolicy>>,
}

impl Html {
    /// Begins markup that is put together in Rust.
    pub fn builder() -> HtmlBuilder {
        HtmlBuilder::default()
    }

    /// `text` as markup that shows it: what has a meaning in HTML is escaped.
    pub fn text(text: impl fmt::Display) -> Self {
        Self::builder().text(text).build()
    }

    /// Takes `markup` as it is, for the output of a sanitiser and nothing else: whatever is in it
    /// runs in the reader's browser, in your name.
    ///
    /// A disallowed method of clippy (`clippy.toml`), so that each use is seen and gives its
    /// reason.
    pub fn trusted(markup: &str) -> Self {
        Self::made(markup.to_owned())
    }

    fn made(markup: String) -> Self {
        Self {
            markup,
            nonce: None,
            policy: None,
        }
    }

    /// Says which nonce the scripts and styles of the page carry. Templates do this themselves.
    pub fn nonce(mut self, nonce: Nonce) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// The policy of this page, in place of that of the application.
    pub fn policy(mut self, policy: Arc<HtmlPolicy>) -> Self {
        self.policy = Some(policy);
        self
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.markup
    }

    /// The markup, to be stored.
    pub fn into_string(self) -> String {
        self.markup
    }
}

/// As the markup; in a template it is inserted as it is.
impl serde::Serialize for Html {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[cfg(feature = "templates")]
        return templates::value(self).serialize(serializer);
        #[cfg(not(feature = "templates"))]
        serializer.serialize_str(&self.markup)
    }
}

impl fmt::Debug for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Html").field(&self.markup).finish()
    }
}

impl Reply for Html {
    fn reply(self) -> Response {
        let policy = self.policy.or_else(current::html_policy);
        let mut response = axum::response::Html(self.markup).into_response();
        let headers = response.headers_mut();
        let keep = HeaderValue::from_static("private, no-cache");
        headers.insert(header::CACHE_CONTROL, keep);
        policy
            .unwrap_or_default()
            .apply(headers, self.nonce.as_ref());
        response
    }
}

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        self.reply()
    }
}

impl HtmlPolicy {
    fn apply(&self, headers: &mut HeaderMap, nonce: Option<&Nonce>) {
        let (policy, referrer) = self.fields(nonce);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::REFERRER_POLICY, referrer);
    }
}
