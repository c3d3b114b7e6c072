//! Names of files that came from outside, made harmless.

use std::fmt;

/// The name of a file, without any path: safe to show, to log and to put into a header field.
///
/// What a caller calls a file is a hint for people. It is still no name to store under: two
/// callers choose the same, and so a file is best stored under an identifier of its own.
///
/// # Examples
///
/// ```
/// use purlin_http::files::FileName;
///
/// let name = |given| FileName::of(given).map(|name| name.to_string());
/// assert_eq!(name("../../etc/passwd").as_deref(), Some("passwd"));
/// assert_eq!(name(r"C:\photos\cat.png").as_deref(), Some("cat.png"));
/// assert_eq!(name("cat\r\nSet-Cookie: a=b.png").as_deref(), Some("catSet-Cookie_ a=b.png"));
/// assert_eq!(name(".."), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileName(String);

/// Names that Windows keeps for devices, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

impl FileName {
    /// Bytes of a name: what most file systems take.
    pub const BYTES_MAX: usize = 255;

    /// What stays of `given`; `None` if nothing does.
    ///
    /// All up to the last `/` or `\` goes, and so do control characters, those that turn the
    /// direction of the text, dots and blanks at either end. `< > : " | ? *` become `_`. A name of
    /// a device gets a `_` in front. What is too long loses its middle: the extension stays.
    pub fn of(given: &str) -> Option<Self> {
        let last = given.rsplit(['/', '\\']).next().unwrap_or("");
        let shown: String = last.chars().filter(|c| !is_unseen(*c)).map(plain).collect();
        let mut name = trimmed(&shown).to_owned();
        if is_device(&name) {
            name.insert(0, '_');
        }
        let name = shortened(&name);
        (!name.is_empty()).then_some(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Controls, and the marks by which `gnp.exe` is made to read `exe.png`.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{061c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn plain(c: char) -> char {
    match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        _ if c.is_whitespace() => ' ',
        _ => c,
    }
}

fn trimmed(name: &str) -> &str {
    name.trim_matches([' ', '.'])
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or("").trim_end();
    let stem = stem.to_ascii_lowercase();
    let port = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = stem.len() - port.len();
    let is_port = matches!(port, "com" | "lpt");
    DEVICES.contains(&port) && digits == usize::from(is_port)
}

/// At most [`FileName::BYTES_MAX`] bytes, cut in front of the extension if there is a short one.
fn shortened(name: &str) -> String {
    const EXTENSION_BYTES_MAX: usize = 16;
    if name.len() <= FileName::BYTES_MAX {
        return name.to_owned();
    }
    let extension = name
        .rfind('.')
        .map(|at| &name[at..])
        .filter(|extension| extension.len() <= EXTENSION_BYTES_MAX)
        .unwrap_or("");
    let stem = name.floor_char_boundary(FileName::BYTES_MAX - extension.len());
    format!("{}{extension}", name[..stem].trim_end_matches([' ', '.']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(given: &str) -> Option<String> {
        FileName::of(given).map(|name| name.0)
    }

    #[test]
    fn a_name_is_never_a_path() {
        for (given, kept) in [
            ("/etc/passwd", "passwd"),
            (r"..\..\boot.ini", "boot.ini"),
            ("a/../b.png", "b.png"),
            (".htaccess", "htaccess"),
            ("...", ""),
            ("a/", ""),
            ("", ""),
            ("a\0b.png", "ab.png"),
            ("cover.png. .", "cover.png"),
            ("C:cover.png", "C_cover.png"),
            ("NUL", "_NUL"),
            ("com1.txt", "_com1.txt"),
            ("community.txt", "community.txt"),
            ("com.txt", "com.txt"),
            ("\u{202e}gnp.exe", "gnp.exe"),
            ("Übergröße 本.png", "Übergröße 本.png"),
        ] {
            assert_eq!(name(given).unwrap_or_default(), kept, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let long = name(&format!("{}.png", "ü".repeat(300))).unwrap();
        assert!(
            long.len() <= FileName::BYTES_MAX && long.ends_with("ü.png"),
            "{long}"
        );
        assert_eq!(name(&"a".repeat(300)).unwrap().len(), FileName::BYTES_MAX);
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_harmless_name_or_none(given in any::<String>()) {
            if let Some(name) = name(&given) {
                prop_assert!((1..=FileName::BYTES_MAX).contains(&name.len()));
                prop_assert!(!name.contains(['/', '\\', '"', ':']));
                prop_assert!(!name.starts_with('.') && !name.chars().any(char::is_control));
                prop_assert_eq!(FileName::of(&name).map(|again| again.0), Some(name));
            }
        }
    }
}
