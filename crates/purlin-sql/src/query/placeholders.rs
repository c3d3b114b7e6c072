//! Finds the placeholders of a statement, and leaves text, names and comments alone.

/// A piece of a statement.
pub(super) enum Part<'a> {
    /// Everything that is not a placeholder.
    Text(&'a str),
    /// `$1` is 1.
    Placeholder(usize),
}

/// The pieces of `text`, in order; put together they are `text`.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (part, after) = next_part(rest)?;
        rest = after;
        Some(part)
    })
}

fn next_part(text: &str) -> Option<(Part<'_>, &str)> {
    if let Some((number, length)) = placeholder(text) {
        return Some((Part::Placeholder(number), &text[length..]));
    }
    let mut length = 0;
    while length < text.len() && placeholder(&text[length..]).is_none() {
        length += token(&text[length..]);
    }
    (length > 0).then(|| (Part::Text(&text[..length]), &text[length..]))
}

/// The number and the length of the placeholder that `text` begins with.
fn placeholder(text: &str) -> Option<(usize, usize)> {
    let digits = text.strip_prefix('$')?;
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let number = digits[..count].parse().ok()?;
    Some((number, count + 1))
}

/// The length of the first token, at least one character: quoted text, a quoted name, a comment,
/// dollar-quoted text, or any one character.
fn token(text: &str) -> usize {
    let first = text.chars().next().map_or(0, char::len_utf8);
    let close = match text.as_bytes() {
        [b'\'', ..] => end_of_quoted(text, '\''),
        [b'"', ..] => end_of_quoted(text, '"'),
        [b'-', b'-', ..] => text.find('\n').map(|at| at + 1),
        [b'/', b'*', ..] => text.find("*/").map(|at| at + 2),
        [b'$', ..] => return end_of_dollar_quoted(text).unwrap_or(first),
        _ => return first,
    };
    close.unwrap_or(text.len())
}

/// Where quoted text ends; a doubled quote is seen as two texts side by side, which ends the same.
fn end_of_quoted(text: &str, quote: char) -> Option<usize> {
    text[1..].find(quote).map(|at| at + 2)
}

fn end_of_dollar_quoted(text: &str) -> Option<usize> {
    let is_tag = |c: char| c.is_alphanumeric() || c == '_';
    let tag_length = text[1..].find(|c| !is_tag(c))? + 2;
    let tag = &text[..tag_length];
    if !tag.ends_with('$') {
        return None;
    }
    text[tag_length..].find(tag).map(|at| at + 2 * tag_length)
}
