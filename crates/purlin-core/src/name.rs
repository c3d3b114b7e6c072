//! What types are called in messages, and how they are told apart.

use std::any::{TypeId, type_name};

/// One type: its identity, and its name for people.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) id: TypeId,
    full: &'static str,
}

impl Key {
    pub(crate) fn of<T: ?Sized + 'static>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            full: type_name::<T>(),
        }
    }

    /// The name without the paths: `Named<Db, Audit>`, `dyn Mailer`.
    pub(crate) fn name(self) -> String {
        short(self.full)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// Leaves the last segment of each path in `full`.
fn short(full: &str) -> String {
    let mut out = String::with_capacity(full.len());
    let mut word_start = 0;
    let mut rest = full;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("::") {
            out.truncate(word_start);
            rest = after;
            continue;
        }
        out.push(c);
        if !(c.is_alphanumeric() || c == '_') {
            word_start = out.len();
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn paths_are_dropped_inside_and_outside_of_generics() {
        assert_eq!(short("dyn a::b::Mailer"), "dyn Mailer");
        assert_eq!(
            short("core::Named<sql::Db, shop::Audit>"),
            "Named<Db, Audit>"
        );
        assert_eq!(short("u8"), "u8");
    }
}
