//! Says beforehand how large a tree some markup can become.
//!
//! The parser opens formatting elements anew in each block (`<b>` left open stands in every
//! paragraph after it), and so a few kilobytes can become millions of nodes. Tags are counted
//! without being understood: what looks like one counts, even within a comment. So the count is
//! never too low.

/// The most elements that are opened; each may be closed once.
const OPENED_MAX: usize = 2048;
/// The most nodes that the tree could have.
const NODES_MAX: usize = 200_000;
/// The elements that are opened anew. `a` and `nobr` are closed by the next of their kind.
const FORMATTING: [&[u8]; 12] = [
    b"b", b"big", b"code", b"em", b"font", b"i", b"s", b"small", b"strike", b"strong", b"tt", b"u",
];
/// Equal ones are opened anew at most so often.
const EQUAL_MAX: usize = 3;

/// Whether the tree of `markup` stays within bounds.
pub(super) fn is_bearable(markup: &str) -> bool {
    let (mut tags, mut opened, mut own) = (0, 0, 0);
    let mut plain = [0; FORMATTING.len()];
    for (at, _) in markup.match_indices('<') {
        let rest = &markup.as_bytes()[at + 1..];
        let closes = rest.first() == Some(&b'/');
        let rest = &rest[usize::from(closes)..];
        let name = rest.iter().take_while(|b| b.is_ascii_alphanumeric());
        let name = &rest[..name.count()];
        if name.is_empty() {
            continue;
        }
        tags += 1;
        opened += usize::from(!closes);
        let kind = FORMATTING.iter().position(|k| name.eq_ignore_ascii_case(k));
        match kind {
            Some(kind) if rest.get(name.len()) == Some(&b'>') => {
                plain[kind] = EQUAL_MAX.min(plain[kind] + usize::from(!closes));
            }
            // With attributes each may be one of its own.
            Some(_) => own += 1,
            None => {}
        }
    }
    let open = own + plain.iter().sum::<usize>() + 2;
    opened <= OPENED_MAX && tags <= 2 * OPENED_MAX && tags * open <= NODES_MAX
}
