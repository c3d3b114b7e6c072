//! JSON Pointers as URI fragments.

/// A JSON Pointer being written as a fragment: `#/authors/0/name`.
///
/// # Source
///
/// RFC 6901 §3 (escapes `~0`, `~1`) and §6 (as a URI fragment).
#[derive(Clone, Debug)]
pub(crate) struct Pointer(String);

impl Pointer {
    /// Characters of one pointer; a longer one is cut, since the names in it come from the caller.
    const CHARS_MAX: usize = 512;

    /// The whole document: `#`.
    pub(crate) fn root() -> Self {
        Self("#".to_owned())
    }

    /// Goes down to the field or element `name`.
    pub(crate) fn push(&mut self, name: &str) {
        self.0.push('/');
        for byte in name.bytes() {
            match byte {
                _ if self.0.len() >= Self::CHARS_MAX => return,
                b'~' => self.0.push_str("~0"),
                b'/' => self.0.push_str("~1"),
                byte if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@?".contains(&byte) => {
                    self.0.push(byte as char);
                }
                byte => self.0.push_str(&format!("%{byte:02X}")),
            }
        }
    }

    /// Whether the last step is to `name`.
    pub(crate) fn ends_with(&self, name: &str) -> bool {
        let mut step = Self(String::new());
        step.push(name);
        self.0.ends_with(&step.0)
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;

    #[test]
    fn names_are_escaped_for_the_pointer_and_then_for_the_fragment() {
        let mut pointer = Pointer::root();
        for name in ["a/b", "m~n", "c%d", "ü", "e f", "", "0"] {
            pointer.push(name);
        }
        assert_eq!(pointer.into_string(), "#/a~1b/m~0n/c%25d/%C3%BC/e%20f//0");
    }
}
