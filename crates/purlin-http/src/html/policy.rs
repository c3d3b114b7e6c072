//! What a browser is told of a page: where from scripts, styles and the rest may come.

use http::HeaderValue;
use purlin_base::{Classified, ErrorClass};

use super::Nonce;

/// The security fields of a page: `Content-Security-Policy` and `Referrer-Policy`.
///
/// The default trusts this origin, and of scripts and styles in the page those alone that carry
/// the nonce: `default-src 'self'; script-src 'nonce-…'; style-src 'self' 'nonce-…'; object-src
/// 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'`, and `Referrer-Policy:
/// same-origin`. (`no-referrer` would make browsers send `Origin: null` with forms, and so blind
/// a check of the origin.)
///
/// # Examples
///
/// ```
/// use purlin_http::html::HtmlPolicy;
///
/// let policy = HtmlPolicy::default()
///     .directive("img-src", "'self' https://images.example")?
///     .directive("script-src", "'nonce' 'strict-dynamic'")?;
/// # Ok::<(), purlin_http::html::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlPolicy {
    directives: Vec<(&'static str, &'static str)>,
    referrer: &'static str,
}

impl Default for HtmlPolicy {
    fn default() -> Self {
        Self {
            directives: vec![
                ("default-src", "'self'"),
                ("script-src", "'nonce'"),
                ("style-src", "'self' 'nonce'"),
                ("object-src", "'none'"),
                ("base-uri", "'none'"),
                ("frame-ancestors", "'none'"),
                ("form-action", "'self'"),
            ],
            referrer: "same-origin",
        }
    }
}

/// A directive or a referrer policy that cannot stand in a header field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} cannot stand in the policy of a page")]
pub struct PolicyError {
    text: &'static str,
}

impl Classified for PolicyError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "HTTP_HTML_POLICY"
    }
}

impl HtmlPolicy {
    /// Sets the directive `name`; `sources` may be empty. The word `'nonce'` stands for the nonce
    /// of the page; where a page has none it is left out, and `'none'` stands in for an empty list.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if one of both holds `;`, `,` or what is not visible ASCII.
    pub fn directive(
        mut self,
        name: &'static str,
        sources: &'static str,
    ) -> Result<Self, PolicyError> {
        checked(name)?;
        checked(sources)?;
        self.directives.retain(|(known, _)| *known != name);
        self.directives.push((name, sources));
        Ok(self)
    }

    /// Demands Trusted Types: scripts cannot write text into the page as markup or code, unless one
    /// of the policies `names` (separated by spaces) has made it. With `""` none may. Default: not
    /// demanded, since a script that knows nothing of it breaks.
    ///
    /// ```
    /// use purlin_http::html::HtmlPolicy;
    ///
    /// let policy = HtmlPolicy::default().trusted_types("shop")?;
    /// # Ok::<(), purlin_http::html::PolicyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`directive`](Self::directive).
    ///
    /// # Source
    ///
    /// W3C Trusted Types.
    pub fn trusted_types(self, names: &'static str) -> Result<Self, PolicyError> {
        let names = if names.is_empty() { "'none'" } else { names };
        self.directive("require-trusted-types-for", "'script'")?
            .directive("trusted-types", names)
    }

    /// Leaves the directive `name` out.
    pub fn without(mut self, name: &str) -> Self {
        self.directives.retain(|(known, _)| *known != name);
        self
    }

    /// Sets `Referrer-Policy`. Default: `same-origin`.
    ///
    /// # Errors
    ///
    /// As [`directive`](Self::directive).
    pub fn referrer(mut self, policy: &'static str) -> Result<Self, PolicyError> {
        self.referrer = checked(policy)?;
        Ok(self)
    }

    /// The values of `Content-Security-Policy` and `Referrer-Policy` for a page with `nonce`.
    pub(super) fn fields(&self, nonce: Option<&Nonce>) -> (HeaderValue, HeaderValue) {
        let directives = self.directives.iter();
        let directives: Vec<_> = directives
            .map(|(name, sources)| directive(name, sources, nonce))
            .collect();
        // Every part was checked: it cannot fail. If it could, nothing would run.
        let nothing = HeaderValue::from_static("default-src 'none'");
        let policy = HeaderValue::try_from(directives.join("; ")).unwrap_or(nothing);
        (policy, HeaderValue::from_static(self.referrer))
    }
}

fn directive(name: &str, sources: &str, nonce: Option<&Nonce>) -> String {
    if !sources.contains("'nonce'") {
        return format!("{name} {sources}").trim_end().to_owned();
    }
    let word = nonce.map(|nonce| format!("'nonce-{nonce}'"));
    let words = sources.split(' ').filter_map(|source| match source {
        "'nonce'" => word.as_deref(),
        other => Some(other),
    });
    let words: Vec<_> = words.collect();
    let sources = if words.is_empty() {
        "'none'".to_owned()
    } else {
        words.join(" ")
    };
    format!("{name} {sources}")
}

fn checked(text: &'static str) -> Result<&'static str, PolicyError> {
    let fits = |byte: u8| (byte == b' ' || byte.is_ascii_graphic()) && byte != b';' && byte != b',';
    match text.bytes().all(fits) {
        true => Ok(text),
        false => Err(PolicyError { text }),
    }
}
