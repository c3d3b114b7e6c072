//! The import against files made by chance.

use std::collections::HashMap;

use purlin_base::random::{OsRng, Rng, SeededRng};

use super::{HEADER, Shelf, run, run_into};
use crate::books::{Author, BookInput, Identity};

/// A source of chance whose seed is shown when the test fails.
fn chance() -> SeededRng {
    let seed = OsRng.next_u64();
    eprintln_seed(seed);
    SeededRng::new(seed)
}

#[expect(
    clippy::print_stderr,
    reason = "shown by the test runner only on failure"
)]
fn eprintln_seed(seed: u64) {
    eprintln!("seed: {seed}");
}

/// 1 to 12 of the signs that matter to a reader of CSV.
fn text(rng: &dyn Rng) -> String {
    const SIGNS: [char; 8] = ['a', 'É', '語', ' ', ',', '"', '\'', '-'];
    let signs = (0..rng.below(12)).map(|_| SIGNS[rng.below(8) as usize]);
    format!("x{}", signs.collect::<String>())
}

fn book(rng: &dyn Rng) -> BookInput {
    let authors = (0..=rng.below(3)).map(|_| Author {
        name: text(rng).trim().to_owned(),
    });
    BookInput {
        title: text(rng),
        authors: authors.collect(),
        year: rng.below(5101) as i32 - 3000,
        language: ["en", "zh", "la"][rng.below(3) as usize].to_owned(),
        subject: text(rng),
        price_cents: rng.below(10_000_001) as i64,
        stock: rng.below(1_000_001) as i64,
    }
}

/// `book` as the library writes it.
fn row(book: &BookInput) -> String {
    let authors: Vec<_> = book.author_names().collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let numbers = [book.year.into(), book.price_cents, book.stock].map(|n: i64| n.to_string());
    let [year, price, stock] = numbers.each_ref().map(String::as_str);
    let (title, authors) = (book.title.as_str(), authors.join("; "));
    let fields = [
        title,
        &authors,
        year,
        &book.language,
        &book.subject,
        price,
        stock,
    ];
    writer.write_record(fields).unwrap();
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn any_good_book_comes_out_as_it_was_written() {
    let rng = chance();
    let books: Vec<_> = (0..500).map(|_| book(&rng)).collect();
    let rows: String = books.iter().map(row).collect();
    let shelf = Shelf::default();
    let (report, bad) = run_into(&shelf, [HEADER, &rows].concat());
    let report = report.unwrap();
    assert_eq!(bad, [0; 0]);
    assert_eq!(report.created + report.replaced, 500);
    // The later of two books with one identity stays.
    let wanted: HashMap<_, _> = books.into_iter().map(|b| (Identity::of(&b), b)).collect();
    assert_eq!(*shelf.books.lock().unwrap(), wanted);
}

#[test]
fn good_rows_between_rubbish_without_quotes_are_all_found() {
    let rng = chance();
    let mut file = String::new();
    let mut good = 0;
    for number in 0..300 {
        if rng.below(2) == 0 {
            let rubbish = [",", ",,,,,,", "a;b\rc", "\u{0}", "1,2,3,4,5,6,7,8", " "];
            file.push_str(rubbish[rng.below(6) as usize]);
            file.push('\n');
        } else {
            let title = format!("{} {number}", text(&rng));
            file.push_str(&row(&BookInput {
                title,
                ..book(&rng)
            }));
            good += 1;
        }
    }
    assert_eq!(run(file).0, good);
}

#[test]
fn no_bytes_make_it_fail_or_lose_a_row() {
    let rng = chance();
    for _ in 0..100 {
        let bytes = (0..rng.below(400)).map(|_| b"\",;\n\r\xff\0a1"[rng.below(9) as usize]);
        let noise: Vec<u8> = bytes.collect();
        // A quote that the noise leaves open costs the noise and not the row behind it.
        let file = [&noise[..], b"\nEmma,Jane Austen,1815,en,Fiction,1199,3\n"].concat();
        let (created, bad) = run(file);
        assert!(created == 1, "{noise:?} made {created}, bad {bad:?}");
    }
}
