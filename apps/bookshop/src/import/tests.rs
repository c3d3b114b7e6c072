//! The import from its own boundary: bytes in, rows out.

use std::{
    collections::HashMap,
    convert::Infallible,
    io::{BufReader, Cursor, Read, Seek, SeekFrom},
    sync::Mutex,
};

mod random;

use super::*;
use crate::books::{BookInput, Identity};

const HEADER: &str = "title,authors,year,language,subject,price_cents,stock\n";
const EMMA: &str = "Emma,Jane Austen,1815,en,Fiction,1199,3\n";
const UBU: &str = "Ubu roi,Alfred Jarry,1896,fr,Drama,700,4\n";

/// A catalogue in memory, which remembers the batches it was given.
#[derive(Default)]
struct Shelf {
    books: Mutex<HashMap<Identity, BookInput>>,
    batches: Mutex<Vec<usize>>,
}

impl BookSink for Shelf {
    type Error = Infallible;

    async fn upsert(&self, batch: &[ImportRow]) -> Result<BatchOutcome, Infallible> {
        self.batches.lock().unwrap().push(batch.len());
        let mut outcome = BatchOutcome::default();
        let mut books = self.books.lock().unwrap();
        for row in batch {
            match books.insert(Identity::of(&row.book), row.book.clone()) {
                None => outcome.created += 1,
                Some(old) if old == row.book => outcome.unchanged += 1,
                Some(_) => outcome.updated += 1,
            }
        }
        Ok(outcome)
    }
}

/// Remembers the lines of bad rows.
#[derive(Default)]
struct Notes(Vec<BadRow>);

impl Observer for Notes {
    fn bad_row(&mut self, row: &BadRow) {
        self.0.push(row.clone());
    }

    fn advanced(&mut self, _: u64) {}
}

/// Imports `file` into `shelf`.
fn run_into(shelf: &Shelf, file: impl AsRef<[u8]>) -> (Result<Report, ImportError>, Vec<u64>) {
    let mut notes = Notes::default();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    let result = runtime.block_on(import(Cursor::new(file), shelf, &mut notes));
    (result, notes.0.iter().map(|row| row.line).collect())
}

/// Imports the rows in `body` under a good header: how many were created, and the bad lines.
fn run(body: impl AsRef<[u8]>) -> (u64, Vec<u64>) {
    let file = [HEADER.as_bytes(), body.as_ref()].concat();
    let (result, bad) = run_into(&Shelf::default(), file);
    let report = result.unwrap();
    assert_eq!(report.bad, bad.len() as u64);
    assert_eq!(report.exit_code(), u8::from(!bad.is_empty()));
    (report.created, bad)
}

#[test]
fn the_seed_has_at_least_200_different_books_and_no_bad_row() {
    let (result, bad) = run_into(&Shelf::default(), SEED);
    let report = result.unwrap();
    assert_eq!(bad, [0; 0]);
    assert!(report.created >= 200, "{report}");
    assert_eq!(report.replaced, 0);
}

#[test]
fn importing_again_changes_nothing() {
    let shelf = Shelf::default();
    let dearer = EMMA.replace("1199", "1499");
    let file = [HEADER, EMMA, UBU, &dearer].concat();
    let (first, _) = run_into(&shelf, &file);
    let first = first.unwrap();
    assert_eq!((first.created, first.updated, first.replaced), (2, 0, 1));
    let kept = shelf.books.lock().unwrap().clone();
    assert!(kept.values().any(|book| book.price_cents == 1499));
    let (second, _) = run_into(&shelf, &file);
    let second = second.unwrap();
    assert_eq!(
        (second.created, second.updated, second.unchanged),
        (0, 0, 2)
    );
    assert_eq!(*shelf.books.lock().unwrap(), kept);
}

#[test]
fn a_book_that_is_there_is_updated_by_title_authors_and_year() {
    let shelf = Shelf::default();
    run_into(&shelf, [HEADER, EMMA, UBU].concat()).0.unwrap();
    let changed = EMMA.replace(",3\n", ",9\n");
    let (report, _) = run_into(&shelf, [HEADER, &changed, UBU].concat());
    let report = report.unwrap();
    assert_eq!(
        (report.created, report.updated, report.unchanged),
        (0, 1, 1)
    );
}

#[test]
fn rows_are_handed_over_in_batches() {
    let shelf = Shelf::default();
    let body: String = (0..BATCH_ROWS * 2 + 1)
        .map(|n| EMMA.replace("Emma", &format!("Emma {n}")))
        .collect();
    run_into(&shelf, [HEADER, &body].concat()).0.unwrap();
    let batches = shelf.batches.lock().unwrap().clone();
    assert_eq!(batches, [BATCH_ROWS, BATCH_ROWS, 1]);
}

#[test]
fn columns_may_stand_in_any_order_and_lines_may_end_as_on_windows() {
    let file = "\u{feff}stock,price_cents,subject,language,year,authors,title\r\n\
                3,1199,Fiction,en,1815,Jane Austen,Emma\r\n\r\n\
                4,700,Children,de,1812,Jacob Grimm; Wilhelm Grimm,\"Kinder-, und Hausmärchen\"";
    let shelf = Shelf::default();
    let (report, bad) = run_into(&shelf, file);
    assert_eq!((report.unwrap().created, bad.len()), (2, 0));
    let books = shelf.books.lock().unwrap();
    let tales = books.values().find(|book| book.year == 1812).unwrap();
    assert_eq!(tales.title, "Kinder-, und Hausmärchen");
    let authors: Vec<_> = tales.author_names().collect();
    assert_eq!(authors, ["Jacob Grimm", "Wilhelm Grimm"]);
}

#[test]
fn a_wrong_header_writes_nothing_and_says_what_is_wrong() {
    let long = format!("{}\n{EMMA}", "x".repeat(ROW_BYTES_MAX + 1));
    for (header, words) in [
        ("", "missing: title, authors"),
        ("\n\n", "missing: title"),
        ("title,authors,year\n", "missing: language, subject"),
        (&HEADER.replace("stock", "Stock"), r#"unknown: ["Stock"]"#),
        (&HEADER.replace("stock", "stock,stock"), "twice: stock"),
        (&HEADER.replace("title", "\x1b[2Jtitle"), r"\u{1b}"),
        ("\"title,authors\n", "missing"),
        (&long, "missing"),
        ("t\0i\0t\0l\0e\0", "missing"),
    ] {
        let shelf = Shelf::default();
        let error = run_into(&shelf, format!("{header}{EMMA}")).0.unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(words), "{header:?}: {error}");
        assert!(shelf.batches.lock().unwrap().is_empty());
    }
}

#[test]
fn bad_rows_are_told_by_line_and_the_good_ones_are_in() {
    for row in [
        "Emma,Jane Austen,1815,en,Fiction,1199\n",
        "Emma,Jane Austen,1815,en,Fiction,1199,3,4\n",
        ",Jane Austen,1815,en,Fiction,1199,3\n",
        "Emma,,1815,en,Fiction,1199,3\n",
        "Emma,Jane Austen;,1815,en,Fiction,1199,3\n",
        "Emma,Jane Austen,,en,Fiction,1199,3\n",
        "Emma,Jane Austen,1815.0,en,Fiction,1199,3\n",
        "Emma,Jane Austen,+1815,en,Fiction,1199,3\n",
        "Emma,Jane Austen, 1815,en,Fiction,1199,3\n",
        "Emma,Jane Austen,9999999999999999999999,en,Fiction,1199,3\n",
        "Emma,Jane Austen,2101,en,Fiction,1199,3\n",
        "Emma,Jane Austen,1815,EN,Fiction,1199,3\n",
        "Emma,Jane Austen,1815,en,Fiction,11.99,3\n",
        "Emma,Jane Austen,1815,en,Fiction,-1,3\n",
        "Emma,Jane Austen,1815,en,Fiction,1199,-\n",
        "Em\0ma,Jane Austen,1815,en,Fiction,1199,3\n",
        "\"Em\nma\",Jane Austen,1815,en,Fiction,1199,3\n",
        "Emma\r,Jane Austen,1815,en,Fiction,1199,3\n",
    ] {
        let (created, bad) = run(format!("{UBU}{row}"));
        assert_eq!((created, bad.as_slice()), (1, &[3][..]), "{row:?}");
    }
}

#[test]
fn text_that_is_not_utf_8_makes_one_bad_row() {
    let body = [
        UBU.as_bytes(),
        b"Emm\xff,J,1815,en,F,1,1\n",
        EMMA.as_bytes(),
    ]
    .concat();
    assert_eq!(run(body), (2, vec![3]));
}

#[test]
fn a_quote_that_is_not_closed_costs_its_own_line_only() {
    let open = "\"Emma,Jane Austen,1815,en,Fiction,1199,3\n";
    assert_eq!(run([open, UBU].concat()), (1, vec![2]));
    assert_eq!(run([UBU, open].concat()), (1, vec![3]));
    let quoted = "\"Emma, again\",Jane Austen,1815,en,Fiction,1199,3\n";
    assert_eq!(run([open, UBU, quoted].concat()), (2, vec![2]));
    let many: String = (0..2000)
        .map(|n| UBU.replace("Ubu", &n.to_string()))
        .collect();
    assert_eq!(run([open, &many].concat()), (2000, vec![2]));
}

#[test]
fn a_row_of_ten_megabytes_is_passed_over_without_being_held() {
    /// A good header and row around a row of 10 MB that is made as it is read.
    struct Long {
        at: u64,
    }
    const LONG_BYTES: u64 = 10 * 1024 * 1024;
    impl Read for Long {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let head = [HEADER, UBU].concat();
            let tail = ["\n", EMMA].concat();
            let (start, end) = (head.len() as u64, head.len() as u64 + LONG_BYTES);
            let (part, fill): (&[u8], usize) = match self.at {
                at if at < start => (&head.as_bytes()[at as usize..], 0),
                at if at < end => (&[], (end - at) as usize),
                at => (&tail.as_bytes()[((at - end) as usize).min(tail.len())..], 0),
            };
            let count = buffer.len().min(part.len().max(fill));
            if fill > 0 {
                buffer[..count].fill(b'x');
            } else {
                buffer[..count].copy_from_slice(&part[..count]);
            }
            self.at += count as u64;
            Ok(count)
        }
    }
    impl Seek for Long {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            assert_eq!(to, SeekFrom::Start(0));
            self.at = 0;
            Ok(0)
        }
    }
    let (shelf, mut notes) = (Shelf::default(), Notes::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let input = BufReader::new(Long { at: 0 });
    let report = runtime.block_on(import(input, &shelf, &mut notes)).unwrap();
    assert_eq!((report.created, report.bad), (2, 1));
    assert_eq!(notes.0[0].line, 3);
    assert_eq!(notes.0[0].fault, RowFault::TooLong);
}

#[test]
fn a_directory_or_a_missing_file_is_unreadable() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    for path in [
        directory.path().to_owned(),
        directory.path().join("none.csv"),
    ] {
        let (shelf, mut notes) = (Shelf::default(), Notes::default());
        let result =
            runtime.block_on(async { SurveyedFile::open(&path)?.import(&shelf, &mut notes).await });
        let error = result.unwrap_err();
        assert!(matches!(error, ImportError::Unreadable { .. }), "{error}");
        assert_eq!(error.exit_code(), 2);
    }
}

#[test]
fn a_sink_that_fails_ends_the_import_and_keeps_what_was_done() {
    #[derive(Default)]
    struct Full(Mutex<u32>);
    impl BookSink for Full {
        type Error = std::io::Error;
        async fn upsert(&self, batch: &[ImportRow]) -> Result<BatchOutcome, std::io::Error> {
            let mut calls = self.0.lock().unwrap();
            *calls += 1;
            if *calls > 1 {
                return Err(std::io::Error::other("disk full"));
            }
            let created = batch.len() as u64;
            Ok(BatchOutcome {
                created,
                ..BatchOutcome::default()
            })
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut notes = Notes::default();
    let result = runtime.block_on(import(Cursor::new(SEED), &Full::default(), &mut notes));
    let error = result.unwrap_err();
    assert_eq!(error.exit_code(), 1);
    assert!(error.to_string().contains("created 200,"), "{error}");
}
