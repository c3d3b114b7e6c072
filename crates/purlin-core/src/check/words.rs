//! The compiler's message for a dependency that is in reach twice, or private.

use super::{Flags, WORDED_MAX};

/// A module in reach, and what it has of a list of dependencies.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What the module is called.
    pub name: &'static str,
    /// Which dependencies it provides.
    pub provides: Flags,
    /// Which dependencies it exports; for the module itself, the same as `provides`.
    pub exports: Flags,
}

/// Refuses to compile when a dependency is in reach twice, or provided by an imported module that
/// keeps it to itself. Meant for constants; what is simply missing is worded by
/// [`Has`](crate::Has).
///
/// # Panics
///
/// With the message, in both cases.
#[track_caller]
pub const fn in_reach_once(
    module: &'static str,
    dependencies: &'static [&'static str],
    own: Flags,
    imports: &[Place],
) {
    let mut at = 0;
    while at < WORDED_MAX {
        let name = if at < dependencies.len() {
            dependencies[at]
        } else {
            "a dependency"
        };
        check_one(module, name, at, own[at], imports);
        at += 1;
    }
}

#[track_caller]
const fn check_one(module: &str, dependency: &str, at: usize, own: bool, imports: &[Place]) {
    let mut first = if own { Some(module) } else { None };
    let mut private = None;
    let mut next = 0;
    while next < imports.len() {
        let place = &imports[next];
        if place.exports[at] {
            if let Some(first) = first {
                twice(module, dependency, first, place.name, own);
            }
            first = Some(place.name);
        } else if place.provides[at] {
            private = Some(place.name);
        }
        next += 1;
    }
    if let (None, Some(owner)) = (first, private) {
        let text = Text::new()
            .add("`")
            .add(dependency)
            .add("` is private to `")
            .add(owner)
            .add("`, and `")
            .add(module)
            .add("` needs it: add `")
            .add(dependency)
            .add("` to the `exports` of `")
            .add(owner)
            .add("`");
        panic!("{}", text.as_str());
    }
}

#[track_caller]
const fn twice(module: &str, dependency: &str, first: &str, second: &str, own: bool) {
    let text = Text::new()
        .add("`")
        .add(dependency)
        .add("` is in reach of `")
        .add(module)
        .add("` twice: ");
    let text = if own {
        text.add("it provides one itself, and `")
            .add(second)
            .add("` exports another: drop one of them")
    } else {
        text.add("`")
            .add(first)
            .add("` and `")
            .add(second)
            .add("` both export it: import one of them")
    };
    let text = text
        .add(", or tell them apart with `Named<")
        .add(strip_dyn(dependency))
        .add(", Tag>`");
    panic!("{}", text.as_str());
}

/// A trait object can't stand in `Named`, so its tag goes on the type behind it.
const fn strip_dyn(dependency: &str) -> &str {
    match dependency.as_bytes() {
        [b'd', b'y', b'n', b' ', ..] => "T",
        _ => dependency,
    }
}

/// The longest message, in bytes; a longer one is cut.
const TEXT_BYTES_MAX: usize = 1024;

/// A text put together while compiling.
struct Text {
    bytes: [u8; TEXT_BYTES_MAX],
    len: usize,
}

impl Text {
    const fn new() -> Self {
        Self {
            bytes: [0; TEXT_BYTES_MAX],
            len: 0,
        }
    }

    const fn add(mut self, part: &str) -> Self {
        let part = part.as_bytes();
        let mut at = 0;
        while at < part.len() && self.len < TEXT_BYTES_MAX {
            self.bytes[self.len] = part[at];
            self.len += 1;
            at += 1;
        }
        self
    }

    const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "a dependency is in reach twice, or private",
        }
    }
}
