//! Markup put together in Rust.

use std::fmt::{self, Write};

use super::{Html, escape::Escaping};

/// Puts markup together: tags are literals, everything else is escaped.
///
/// # Examples
///
/// ```
/// use purlin_http::Html;
///
/// let names = ["Austen", "O'Brian & Sons"];
/// let list = names.iter().fold(Html::builder().markup("<ul>"), |list, name| {
///     list.markup("<li>").text(name).markup("</li>")
/// });
/// let list = list.markup("</ul>").build();
/// assert_eq!(list.as_str(), "<ul><li>Austen</li><li>O&#39;Brian &amp; Sons</li></ul>");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "call `build`"]
pub struct HtmlBuilder(String);

impl HtmlBuilder {
    /// Adds markup of yours, as it is.
    pub fn markup(mut self, markup: &'static str) -> Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, escaped for what stands between tags and in quoted attributes. It is not safe
    /// in scripts, styles and addresses.
    pub fn text(mut self, text: impl fmt::Display) -> Self {
        // Text grows; a `Display` that fails of itself adds no more.
        let _ = write!(Escaping(&mut self.0), "{text}");
        self
    }

    /// Adds markup that was made before. The nonce and the policy are those of the whole page.
    pub fn html(mut self, html: &Html) -> Self {
        self.0.push_str(html.as_str());
        self
    }

    /// The markup.
    pub fn build(self) -> Html {
        Html::made(self.0)
    }
}
