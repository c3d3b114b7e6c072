//! Rules for text, and the forms of it that are stored for sorting and searching.
//!
//! Case is taken off here and not in the database, so that SQLite and Postgres agree.

/// The same as [`is_plain`], as a regular expression of JSON Schema: some sign that is no blank, and
/// no control character.
pub(crate) const PLAIN: &str =
    r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x1f\x7f-\x9f\s][^\x00-\x1f\x7f-\x9f]*$";

/// Refuses control characters (the NUL byte and line ends among them) and text without a letter,
/// digit or sign in it.
///
/// Blanks at the ends are kept: what is stored is what was sent.
pub(crate) fn is_plain(text: &str, _context: &()) -> garde::Result {
    if text.chars().any(char::is_control) {
        return Err(garde::Error::new("holds a control character"));
    }
    if text.trim().is_empty() {
        return Err(garde::Error::new("is blank"));
    }
    Ok(())
}

/// What titles are sorted by: the title in lower case, compared code point by code point.
///
/// # Examples
///
/// ```
/// use bookshop::books::sort_key;
///
/// assert_eq!(sort_key("Émile, ou De l'éducation"), "émile, ou de l'éducation");
/// ```
pub fn sort_key(title: &str) -> String {
    lower_case(title)
}

/// What a search looks through: title and authors in lower case, one to a line.
///
/// Neither may hold a line end, so a search cannot match across two of them.
///
/// # Examples
///
/// ```
/// use bookshop::books::search_text;
///
/// let text = search_text("Ubu roi", ["Alfred Jarry"].into_iter());
/// assert_eq!(text, "ubu roi\nalfred jarry");
/// ```
pub fn search_text<'a>(title: &'a str, authors: impl Iterator<Item = &'a str>) -> String {
    let lines: Vec<&str> = std::iter::once(title).chain(authors).collect();
    lower_case(&lines.join("\n"))
}

/// `text` with each code point in lower case by itself.
///
/// Unlike [`str::to_lowercase`], which gives a sigma at the end of a word a form of its own, so
/// that a part of a word would not be found in the whole.
pub(super) fn lower_case(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_greek_word_is_found_in_the_whole() {
        assert!(lower_case("ΟΔΥΣΣΕΙΑ").contains(&lower_case("ΟΔΥΣ")));
    }
}
