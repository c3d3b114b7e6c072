//! Paths that answer to pages of others, each with its reason.

use super::CsrfError;
use crate::mount::template;

/// One path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exemption {
    pub(super) path: &'static str,
    pub(super) reason: &'static str,
}

impl Exemption {
    pub(super) fn new(path: &'static str, reason: &'static str) -> Result<Self, CsrfError> {
        if template::fault(path).is_some() || reason.trim().is_empty() {
            return Err(CsrfError::Exemption(path));
        }
        Ok(Self { path, reason })
    }

    /// Whether `path`, as it was sent, is the one. Nothing is decoded: a path that is written
    /// another way is another path.
    pub(super) fn covers(&self, path: &str) -> bool {
        let mut sent = path.split('/');
        for wanted in self.path.split('/') {
            match sent.next() {
                Some(rest) if wanted.starts_with("{*") => return !rest.is_empty(),
                Some(one) if wanted.starts_with('{') && !one.is_empty() => {}
                Some(one) if one == wanted => {}
                _ => return false,
            }
        }
        sent.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_covered_as_it_is_written() {
        let hooks = Exemption::new("/hooks/{name}", "signed").unwrap();
        let all = Exemption::new("/in/{*rest}", "signed").unwrap();
        for (path, by_name, by_rest) in [
            ("/hooks/a", true, false),
            ("/hooks/", false, false),
            ("/hooks/a/b", false, false),
            ("/Hooks/a", false, false),
            ("/hook%73/a", false, false),
            ("/in/a/b", false, true),
            ("/in/", false, false),
            ("/in", false, false),
        ] {
            assert_eq!(
                (hooks.covers(path), all.covers(path)),
                (by_name, by_rest),
                "{path}"
            );
        }
        assert!(Exemption::new("/hooks", " ").is_err());
        assert!(Exemption::new("hooks", "signed").is_err());
    }
}
