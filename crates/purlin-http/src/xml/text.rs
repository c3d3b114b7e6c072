//! Text between tags.

use std::borrow::Cow;

use quick_xml::escape::partial_escape;

/// Whether XML 1.0 can hold `c`.
pub(super) fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether `text` is blank to XML.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| b" \t\r\n".contains(&byte))
}

/// `text` without the blanks at its ends.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// Adds `text` in such a way that it is read as it is. A character that XML cannot hold, not even
/// as a reference, becomes U+FFFD.
pub(super) fn push(out: &mut String, text: &str) {
    let text: Cow<'_, str> = match text.chars().all(is_legal) {
        true => text.into(),
        false => text.replace(|c| !is_legal(c), "\u{FFFD}").into(),
    };
    // Written as it is, a carriage return would be read as a line feed.
    for (index, line) in text.split('\r').enumerate() {
        if index > 0 {
            out.push_str("&#13;");
        }
        out.push_str(&partial_escape(line));
    }
}
