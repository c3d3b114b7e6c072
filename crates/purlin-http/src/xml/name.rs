//! Names of elements.

use std::{borrow::Cow, fmt::Write as _};

/// Whether `c` may begin a name. The colon is left out: here no name has a prefix.
fn begins(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn continues(c: char) -> bool {
    begins(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}'
            | '\u{203F}'..='\u{2040}')
}

/// Whether `name` is a name of XML 1.0, prefix included.
pub(crate) fn is_legal(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next();
    first.is_some_and(|c| begins(c) || c == ':') && chars.all(|c| continues(c) || c == ':')
}

/// `field` as the name of an element: what cannot stand in one is written `_xHHHH_`.
///
/// # Source
///
/// .NET's `XmlConvert.EncodeLocalName`; of the characters above U+FFFF none needs the eight digits
/// in practice, and they are read and written too.
pub(crate) fn encode(field: &str) -> Cow<'_, str> {
    let plain = |(at, c): (usize, char)| {
        let fits = if at == 0 { begins(c) } else { continues(c) };
        fits && !field[at..].starts_with("_x")
    };
    if !field.is_empty() && field.char_indices().all(plain) {
        return field.into();
    }
    let mut name = String::with_capacity(field.len() + 8);
    for (at, c) in field.char_indices() {
        match plain((at, c)) {
            true => name.push(c),
            false => _ = write!(name, "_x{:04X}_", u32::from(c)),
        }
    }
    if name.is_empty() {
        name.push_str("_x_");
    }
    name.into()
}

/// The field that the element `name` stands for.
pub(crate) fn decode(name: &str) -> Cow<'_, str> {
    if !name.contains("_x") {
        return name.into();
    }
    if name == "_x_" {
        return "".into();
    }
    let (mut field, mut rest) = (String::with_capacity(name.len()), name);
    while let Some(at) = rest.find("_x") {
        field.push_str(&rest[..at]);
        let escape = &rest[at + 2..];
        match character(escape) {
            Some((c, length)) => {
                field.push(c);
                rest = &escape[length..];
            }
            None => {
                field.push_str("_x");
                rest = escape;
            }
        }
    }
    field.push_str(rest);
    field.into()
}

/// The character of `0020_…`, and how long it is written.
fn character(escape: &str) -> Option<(char, usize)> {
    let end = escape.find('_').filter(|end| (4..=8).contains(end))?;
    let digits = &escape[..end];
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let c = u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)?;
    Some((c, end + 1))
}

/// What one item of the list `plural` is called: `category` of `categories`, `box` of `boxes`,
/// `author` of `authors`, and `item` of a name that does not end so.
pub(crate) fn singular(plural: &str) -> Cow<'_, str> {
    let stem = |end: &str| plural.strip_suffix(end).filter(|stem| !stem.is_empty());
    if let Some(stem) = stem("ies") {
        return format!("{stem}y").into();
    }
    let hisses = |stem: &&str| {
        ["ss", "x", "zz", "ch", "sh"]
            .iter()
            .any(|end| stem.ends_with(end))
    };
    if let Some(stem) = stem("es").filter(hisses) {
        return stem.into();
    }
    match stem("s") {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) => stem.into(),
        _ => "item".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_called_by_the_singular_of_its_list() {
        for (plural, one) in [
            ("authors", "author"),
            ("items", "item"),
            ("categories", "category"),
            ("boxes", "box"),
            ("addresses", "address"),
            ("branches", "branch"),
            ("prices", "price"),
            ("status", "item"),
            ("class", "item"),
            ("data", "item"),
            ("item", "item"),
            ("s", "item"),
            ("sizes", "size"),
            ("houses", "house"),
            ("", "item"),
        ] {
            assert_eq!(singular(plural), one, "{plural}");
        }
    }

    #[test]
    fn any_text_becomes_a_legal_name_and_comes_back() {
        for (field, name) in [
            ("title", "title"),
            ("_links", "_links"),
            ("a b", "a_x0020_b"),
            ("1st", "_x0031_st"),
            ("@lang", "_x0040_lang"),
            ("b:a", "b_x003A_a"),
            ("a_x0020_b", "a_x005F_x0020_b"),
            ("", "_x_"),
            ("_x_", "_x005F_x_"),
            ("größe", "größe"),
            ("a\u{F0000}", "a_xF0000_"),
            ("</a>", "_x003C__x002F_a_x003E_"),
            ("a\0", "a_x0000_"),
        ] {
            assert_eq!(encode(field), name);
            assert!(is_legal(name), "{name}");
            assert_eq!(decode(name), field);
        }
        for kept in ["a_x", "a_xyz_", "a_xD800_", "a_x20_", "_x0020"] {
            assert_eq!(decode(kept), kept);
        }
    }
}
