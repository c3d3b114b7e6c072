//! Doc comments as the descriptions of a document.

/// `doc` as callers of the API read it: without the sections of rustdoc (`# Examples`, `# Errors`
/// …), which speak to Rust programmers, with links to Rust items as their text, and `None` as `null`.
pub(super) fn for_callers(doc: &str) -> String {
    let lines = doc.lines().take_while(|line| !line.starts_with("# "));
    let text = lines.collect::<Vec<_>>().join("\n");
    without_links(text.trim()).replace("`None`", "`null`")
}

/// The first paragraph in one line and without its full stop, and what follows it.
pub(super) fn summary_and_rest(doc: &str) -> (String, String) {
    let (first, rest) = doc.split_once("\n\n").unwrap_or((doc, ""));
    let line = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.strip_suffix('.').map(str::to_owned).unwrap_or(line);
    (line, rest.trim().to_owned())
}

/// Links whose target is no address of the web lead nowhere outside of rustdoc.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let Some((label, tail)) = after.split_once(']') else {
            out.push('[');
            rest = after;
            continue;
        };
        let target = tail.strip_prefix('(').and_then(|tail| tail.split_once(')'));
        match target {
            Some((target, _)) if target.starts_with("http") => {
                out.push('[');
                rest = after;
            }
            Some((_, tail)) => {
                out.push_str(label);
                rest = tail;
            }
            None if label.starts_with('`') => {
                out.push_str(label);
                rest = tail;
            }
            None => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_to_rust_programmers_is_left_out() {
        let cases = [
            ("A book.\n\n# Examples\n\n```\nx\n```", "A book."),
            ("By [`key`](super::key) of it", "By `key` of it"),
            ("By [`key`] of it, [0, 9]", "By `key` of it, [0, 9]"),
            (
                "[Here](https://example.com) it is",
                "[Here](https://example.com) it is",
            ),
            ("`None` at the end", "`null` at the end"),
            ("An open [ bracket", "An open [ bracket"),
        ];
        for (doc, shown) in cases {
            assert_eq!(for_callers(doc), shown);
        }
    }

    #[test]
    fn a_summary_is_the_first_paragraph_in_one_line() {
        let (summary, rest) = summary_and_rest("One\nline.\n\nMore.\n\nAnd more.");
        assert_eq!((&*summary, &*rest), ("One line", "More.\n\nAnd more."));
    }
}
