//! Cookies: how ours are written, and what is taken from a request.

use std::fmt::Write;

use http::{HeaderMap, HeaderValue, header};

use super::SessionOptionError;

/// How many bytes of cookies one request may send, in all its `Cookie` headers, for any to be
/// taken: 16 KiB. A request with more has no session.
pub const COOKIE_HEADER_BYTES_MAX: usize = 16 * 1024;

/// When a browser sends the cookie with a request that another site caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SameSite {
    /// Never, not even when a link is followed.
    Strict,
    /// Only when a link is followed. The right one for pages.
    #[default]
    Lax,
    /// Always. Only where TLS is; every form then needs its CSRF token.
    None,
}

impl SameSite {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

/// How the cookies of sessions are named and marked.
///
/// Always `HttpOnly`, `Path=/`, without `Domain` and without an end of its own: the browser forgets
/// it when it closes, the server at the session's end. Where the public address is https it is
/// `Secure` and its name begins with `__Host-`, so that neither a neighbouring subdomain nor
/// somebody on the wire can plant one.
///
/// # Examples
///
/// ```
/// # use purlin_auth::session::CookiePolicy;
/// let policy = CookiePolicy::for_public_url("https://books.example")?;
/// assert_eq!(policy.full_name(), "__Host-session");
/// assert_eq!(CookiePolicy::for_public_url("http://localhost:3000")?.full_name(), "session");
/// # Ok::<(), purlin_auth::session::SessionOptionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookiePolicy {
    name: String,
    secure: bool,
    same_site: SameSite,
}

impl CookiePolicy {
    /// The policy for a site at `public_url`.
    ///
    /// # Errors
    ///
    /// [`SessionOptionError`] when it begins with neither `https://` nor `http://`.
    pub fn for_public_url(public_url: &str) -> Result<Self, SessionOptionError> {
        let scheme = public_url.split_once("://").map(|(scheme, _)| scheme);
        let secure = match scheme {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => true,
            Some(scheme) if scheme.eq_ignore_ascii_case("http") => false,
            _ => {
                return Err(SessionOptionError {
                    option: "public_url",
                    expected: "an address that begins with https:// or http://",
                });
            }
        };
        Ok(Self {
            name: "session".to_owned(),
            secure,
            same_site: SameSite::Lax,
        })
    }

    /// The name without its prefix: 1 to 64 letters, digits, `-`, `_` or `.`. Default: `session`.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Default: [`SameSite::Lax`].
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// The name that the browser sees.
    pub fn full_name(&self) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}{}", self.name)
    }

    /// The policy of the cookie that stands in for a session before sign-in.
    pub(super) fn before_sign_in(&self) -> Self {
        Self {
            name: format!("{}.pre", self.name),
            ..self.clone()
        }
    }

    pub(super) fn check(&self) -> Result<(), SessionOptionError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = (1..=64).contains(&self.name.len()) && self.name.chars().all(is_plain);
        // A name with a prefix of its own would promise what is not kept.
        if !fits || self.name.starts_with("__") {
            return Err(SessionOptionError {
                option: "cookie name",
                expected: "1 to 64 letters, digits, `-`, `_` or `.`, not beginning with `__`",
            });
        }
        if self.same_site == SameSite::None && !self.secure {
            return Err(SessionOptionError {
                option: "same_site",
                expected: "Lax or Strict where the public address is not https",
            });
        }
        Ok(())
    }

    /// `Set-Cookie` that gives the browser `value`, which is plain ASCII.
    pub(super) fn set(&self, value: &str) -> HeaderValue {
        self.write(value, "")
    }

    /// `Set-Cookie` that takes the cookie away.
    pub(super) fn clear(&self) -> HeaderValue {
        self.write("", "; Max-Age=0")
    }

    fn write(&self, value: &str, life: &str) -> HeaderValue {
        let mut text = format!("{}={value}; Path=/{life}; HttpOnly", self.full_name());
        if self.secure {
            text.push_str("; Secure");
        }
        write!(text, "; SameSite={}", self.same_site.as_str())
            .expect("writing to a string does not fail");
        sensitive(&text)
    }

    /// The one cookie of this name. Two of a name were not both set by us, and which one the
    /// browser sends first is up to whoever set the other: then neither is taken.
    pub(super) fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        only(headers, &self.full_name())
    }
}

/// A header that is not shown in logs. `text` is plain ASCII: names are checked, values encoded.
pub(super) fn sensitive(text: &str) -> HeaderValue {
    let mut header = HeaderValue::from_str(text).expect("a cookie is plain ASCII");
    header.set_sensitive(true);
    header
}

/// The value of the only cookie called `name`; `None` if there is none, or more than one.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = || headers.get_all(header::COOKIE).iter();
    if lines().map(HeaderValue::len).sum::<usize>() > COOKIE_HEADER_BYTES_MAX {
        return None;
    }
    // By bytes: another cookie may hold what is not UTF-8, and must not cost the user the session.
    let pairs = lines().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let mut values = pairs.filter_map(|pair| {
        let pair = pair.trim_ascii();
        let at = pair.iter().position(|byte| *byte == b'=')?;
        (pair[..at].trim_ascii() == name.as_bytes()).then(|| pair[at + 1..].trim_ascii())
    });
    let first = values.next()?;
    match values.next() {
        None => std::str::from_utf8(first).ok(),
        Some(_) => None,
    }
}
