//! Which text is an e-mail address, and when two of them are one.
//!
//! Narrower than RFC 5321 on purpose: what two mail servers could read in two ways is no address
//! here. Letters are those of ASCII (a domain of others is written as Punycode), the local part is
//! not quoted, the domain has a dot and is no number.

use std::{fmt, str::FromStr};

/// The longest address, in bytes.
///
/// # Source
///
/// RFC 5321 §4.5.3.1.3: a path of 256 bytes, with its angle brackets.
pub const EMAIL_BYTES_MAX: usize = 254;

const LOCAL_BYTES_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 63;

/// An e-mail address. The domain is in lower case, the local part as its owner writes it.
///
/// One account for each address in lower case: by the standard a local part may mind its case, but
/// hardly any server does, and whoever could register `ADA@…` beside `ada@…` would be taken for her.
///
/// # Examples
///
/// ```
/// use bookshop::users::EmailAddress;
///
/// let address: EmailAddress = "Ada.L+shop@Example.ORG".parse()?;
/// assert_eq!(address.as_str(), "Ada.L+shop@example.org");
/// assert_eq!(address.key(), "ada.l+shop@example.org");
/// # Ok::<(), bookshop::users::EmailError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// The text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no e-mail address: a name, one `@` and a domain, of ASCII letters, at most 254 bytes")]
pub struct EmailError;

impl EmailAddress {
    /// The address, to be shown and written to.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What no two accounts have in common: the address in lower case.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// An address that was checked before it was stored.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        if text.len() > EMAIL_BYTES_MAX {
            return Err(EmailError);
        }
        match text.split_once('@') {
            Some((local, domain)) if is_local(local) && is_domain(domain) => {
                Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
            }
            _ => Err(EmailError),
        }
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// For `#[garde(custom(…))]`.
pub(super) fn is_address(text: &str, _context: &()) -> garde::Result {
    let parsed = text.parse::<EmailAddress>();
    parsed.map(drop).map_err(garde::Error::new)
}

fn is_local(local: &str) -> bool {
    let is_atom = |atom: &str| {
        let sign =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
        !atom.is_empty() && atom.bytes().all(sign)
    };
    local.len() <= LOCAL_BYTES_MAX && local.split('.').all(is_atom)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(sign)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = |last: &str| last.bytes().any(|byte| byte.is_ascii_alphabetic());
    domain.split('.').all(is_label)
        && domain
            .rsplit_once('.')
            .is_some_and(|(_, last)| is_name(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_it_is_written_with_the_domain_in_lower_case() {
        let longest = format!(
            "{}@{}.example",
            "a".repeat(64),
            vec!["b".repeat(59); 3].join(".")
        );
        let longest = format!("{longest}{}", "s".repeat(254 - longest.len()));
        assert_eq!(longest.len(), 254);
        for good in [
            "a@b.cd",
            "o'hara+tag@mail.example.org",
            "Ada@xn--mnchen-3ya.example",
            "1@2.three",
            &longest,
        ] {
            assert_eq!(good.parse::<EmailAddress>().unwrap().as_str(), good);
        }
        let shouted: EmailAddress = "ADA@EXAMPLE.ORG".parse().unwrap();
        assert_eq!(shouted.as_str(), "ADA@example.org");
        assert_eq!(shouted.key(), "ada@example.org");
    }

    #[test]
    fn what_a_mail_server_could_read_in_two_ways_is_refused() {
        let long_local = format!("{}@example.org", "a".repeat(65));
        let long_label = format!("a@{}.org", "b".repeat(64));
        let long = format!(
            "{}@{}.org",
            "a".repeat(64),
            vec!["b".repeat(62); 3].join(".")
        );
        assert!(long.len() > 254);
        for bad in [
            "",
            "@",
            "a",
            "a@",
            "@b.cd",
            "a@b",
            "a@@b.cd",
            "a@b@c.de",
            "a b@c.de",
            " a@b.cd",
            "a@b.cd ",
            "a@b.cd\r\nBcc: x@y.z",
            "a@b.cd\0",
            "\"a\"@b.cd",
            ".a@b.cd",
            "a.@b.cd",
            "a..b@c.de",
            "a@.b.cd",
            "a@b..cd",
            "a@b.cd.",
            "a@-b.cd",
            "a@b-.cd",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a@b_c.de",
            "é@b.cd",
            "a@b\u{e9}.cd",
            "a,b@c.de",
            "<a@b.cd>",
            "a@b.cd,e@f.gh",
            "аda@example.org",
            &long_local,
            &long_label,
            &long,
        ] {
            assert_eq!(bad.parse::<EmailAddress>(), Err(EmailError), "{bad:?}");
        }
    }
}
