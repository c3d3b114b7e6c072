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

/// The number and the length of the placeholder that `text` begins with. `$0` is none.
fn placeholder(text: &str) -> Option<(usize, usize)> {
    let digits = text.strip_prefix('$')?;
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let number = digits[..count].parse().ok().filter(|number| *number > 0)?;
    Some((number, count + 1))
}

/// The length of the first token, at least one character: a word, quoted text, a quoted name, a
/// comment, dollar-quoted text, or any one character.
fn token(text: &str) -> usize {
    let first = text.chars().next().map_or(0, char::len_utf8);
    let close = match text.as_bytes() {
        [b'e' | b'E', b'\'', ..] => end_of_escaped(text),
        [b'\'', ..] => end_of_quoted(text, '\''),
        [b'"', ..] => end_of_quoted(text, '"'),
        [b'-', b'-', ..] => text.find('\n').map(|at| at + 1),
        [b'/', b'*', ..] => text.find("*/").map(|at| at + 2),
        [b'$', ..] => return end_of_dollar_quoted(text).unwrap_or(first),
        _ => return end_of_word(text).max(first),
    };
    close.unwrap_or(text.len())
}

/// Where the word ends that `text` begins with, 0 if it begins with none. A `$` inside of a word
/// belongs to it.
fn end_of_word(text: &str) -> usize {
    let is_start = |c: char| c.is_alphabetic() || c == '_';
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    if !text.starts_with(is_start) {
        return 0;
    }
    text.find(|c| !is_inside(c)).unwrap_or(text.len())
}

/// Where Postgres' `E'…'` ends, in which a backslash takes the next character with it.
fn end_of_escaped(text: &str) -> Option<usize> {
    let mut is_taken = false;
    let close = text.bytes().skip(2).position(|byte| {
        let is_close = byte == b'\'' && !is_taken;
        is_taken = byte == b'\\' && !is_taken;
        is_close
    });
    close.map(|at| at + 3)
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
