//! How alike two books are.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::books::{BookInput, sort_key};

/// Words of a title, and authors of a book, that are compared. What is beyond is left out.
const WORDS_MAX: usize = 32;

/// What of a book is compared. Words and names are kept as numbers, in order, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    words: Vec<u64>,
    authors: Vec<u64>,
    subject: u64,
    language: u64,
    year: i32,
}

/// How often each word of a title is used: a word that many titles have says little.
#[derive(Clone, Debug, Default)]
pub(super) struct Rarity {
    books: u32,
    uses: HashMap<u64, u32>,
}

impl Traits {
    pub(super) fn of(book: &BookInput) -> Self {
        let title = sort_key(&book.title);
        let words = title.split(|sign: char| !sign.is_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        Self {
            words: numbers(words),
            authors: numbers(book.author_names().map(sort_key)),
            subject: number(&book.subject),
            language: number(&book.language),
            year: book.year,
        }
    }

    /// How alike this and `other` are, from 0 to 1. The same in both directions.
    ///
    /// Half of it is the subject and the authors, the rest are title, time and language.
    pub(super) fn likeness(&self, other: &Self, rarity: &Rarity) -> f64 {
        let same = |yes: bool| f64::from(u8::from(yes));
        0.25 * same(self.subject == other.subject)
            + 0.25 * shared(&self.authors, &other.authors, |_| 1.0)
            + 0.20 * shared(&self.words, &other.words, |word| rarity.weight(word))
            + 0.20 * nearness(self.year, other.year)
            + 0.10 * same(self.language == other.language)
    }
}

impl Rarity {
    pub(super) fn of<'t>(all: impl Iterator<Item = &'t Traits>) -> Self {
        let mut rarity = Self::default();
        for traits in all {
            rarity.books += 1;
            for word in &traits.words {
                *rarity.uses.entry(*word).or_default() += 1;
            }
        }
        rarity
    }

    fn weight(&self, word: u64) -> f64 {
        let uses = self.uses.get(&word).copied().unwrap_or_default();
        (f64::from(self.books + 1) / f64::from(uses + 1)).ln() + 0.01
    }
}

/// 1 in the same year, half at a distance of 25 years.
fn nearness(a: i32, b: i32) -> f64 {
    1.0 / (1.0 + f64::from(a.abs_diff(b)) / 25.0)
}

/// What `a` and `b` have in common, of what they have together, by weight; both in order.
fn shared(a: &[u64], b: &[u64], weight: impl Fn(u64) -> f64) -> f64 {
    let (mut common, mut together) = (0.0, 0.0);
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let (item, both) = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x == y => (**x, true),
            (Some(x), Some(y)) => (**x.min(y), false),
            (Some(only), None) | (None, Some(only)) => (**only, false),
            (None, None) => break,
        };
        a.next_if(|x| **x == item);
        b.next_if(|y| **y == item);
        together += weight(item);
        if both {
            common += weight(item);
        }
    }
    if together > 0.0 {
        common / together
    } else {
        0.0
    }
}

fn numbers<T: AsRef<str>>(texts: impl Iterator<Item = T>) -> Vec<u64> {
    let texts = texts.take(WORDS_MAX);
    let numbers: BTreeSet<u64> = texts.map(|text| number(text.as_ref())).collect();
    numbers.into_iter().collect()
}

/// Two texts that share a number by chance are taken for the same: one pair in 10¹⁹.
fn number(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Author;

    fn book(title: &str, author: &str, subject: &str, year: i32) -> Traits {
        Traits::of(&BookInput {
            title: title.into(),
            authors: vec![Author {
                name: author.into(),
            }],
            year,
            language: "en".into(),
            subject: subject.into(),
            price_cents: 0,
            stock: 0,
        })
    }

    fn likeness(a: &Traits, b: &Traits) -> f64 {
        let rarity = Rarity::of([a, b].into_iter());
        let likeness = a.likeness(b, &rarity);
        assert_eq!(likeness, b.likeness(a, &rarity), "in both directions");
        likeness
    }

    #[test]
    fn a_book_is_like_itself_most_and_case_does_not_matter() {
        let emma = book("Emma", "Jane Austen", "Fiction", 1815);
        assert!((likeness(&emma, &emma) - 1.0).abs() < 1e-9);
        let shouted = book("EMMA", "JANE AUSTEN", "Fiction", 1815);
        assert_eq!(emma, shouted);
    }

    #[test]
    fn what_two_books_share_brings_them_closer() {
        let emma = book("Emma", "Jane Austen", "Fiction", 1815);
        let same_author = book("Persuasion", "Jane Austen", "Fiction", 1817);
        let same_subject = book("Dracula", "Bram Stoker", "Fiction", 1897);
        let neither = book("Opticks", "Isaac Newton", "Physics", 1704);
        let to = |other| likeness(&emma, other);
        assert!(to(&same_author) > to(&same_subject));
        assert!(to(&same_subject) > to(&neither));
        assert!((0.0..=1.0).contains(&to(&neither)));
    }

    #[test]
    fn a_rare_word_says_more_than_one_that_every_title_has() {
        let all = [
            book("The Whale", "A", "X", 1800),
            book("The Whale Again", "B", "Y", 1800),
            book("The House", "C", "Z", 1800),
            book("The Sea", "D", "W", 1800),
        ];
        let rarity = Rarity::of(all.iter());
        let by_whale = all[0].likeness(&all[1], &rarity);
        let by_the = all[0].likeness(&all[2], &rarity);
        assert!(by_whale > by_the, "{by_whale} {by_the}");
    }

    #[test]
    fn a_title_without_a_word_is_like_no_other_by_its_title() {
        let (dots, dashes) = (book("…", "A", "X", 1), book("—", "B", "Y", 1));
        let by_year_and_language = 0.3;
        assert!((likeness(&dots, &dashes) - by_year_and_language).abs() < 1e-9);
    }
}
