//! NDJSON and CSV, in both directions.

use purlin_runtime::stream::{
    ParseCsv, ParseNdjson, Readable, StreamError, WriteCsv, WriteNdjson, pipeline,
};
use serde::{Deserialize, Serialize};

use super::kit::{odd_chunks, told};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Book {
    title: String,
    year: u16,
    note: Option<String>,
}

fn books(count: u16) -> Vec<Book> {
    let book = |n: u16| Book {
        title: format!("Nº {n}, \"quoted\"\r\nand broken"),
        year: 1800 + n % 200,
        note: n.is_multiple_of(3).then(|| "=1+1".to_owned()),
    };
    (0..count).map(book).collect()
}

#[tokio::test]
async fn ndjson_goes_there_and_back_however_it_was_cut() {
    let all = books(3_000);
    let written = pipeline(Readable::iter(all.clone())).through(WriteNdjson::new());
    let bytes = written.collect(usize::MAX).await.unwrap().concat();
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 3_000);
    let read = pipeline(Readable::iter(odd_chunks(&bytes))).through(ParseNdjson::<Book>::new());
    assert!(read.collect(usize::MAX).await.unwrap() == all);
}

#[tokio::test]
async fn a_line_that_is_no_json_is_told_by_its_number() {
    let source = Readable::reader(&b"1\n\n2\n{oh\n3\n"[..]);
    let error = pipeline(source)
        .through(ParseNdjson::<u8>::new())
        .collect(9)
        .await
        .unwrap_err();
    assert!(
        matches!(error, StreamError::RecordInvalid { record: 4, .. }),
        "{error:?}"
    );
    let deep = "[".repeat(100_000);
    let source = Readable::reader(deep.as_bytes());
    let error = pipeline(source)
        .through(ParseNdjson::<serde_json::Value>::new())
        .collect(9)
        .await;
    assert!(
        matches!(error, Err(StreamError::RecordInvalid { record: 1, .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn csv_goes_there_and_back_however_it_was_cut() {
    let all = books(3_000);
    let written = pipeline(Readable::iter(all.clone())).through(WriteCsv::new());
    let bytes = written.collect(usize::MAX).await.unwrap().concat();
    assert!(bytes.starts_with(b"title,year,note\r\n"));
    let read = pipeline(Readable::iter(odd_chunks(&bytes))).through(ParseCsv::<Book>::new());
    assert!(read.collect(usize::MAX).await.unwrap() == all);
}

#[tokio::test]
async fn a_record_that_does_not_fit_is_told_by_its_number() {
    for (table, record, cause) in [
        (
            "title,year,note\nEmma,1815,\nEmma,soon,\n",
            3,
            "invalid digit",
        ),
        (
            "title,year,note\nEmma,1815\n",
            2,
            "2 cells where 3 are named",
        ),
        ("title,note\nEmma,\n", 2, "missing field `year`"),
    ] {
        let source = Readable::reader(table.as_bytes());
        let error = pipeline(source)
            .through(ParseCsv::<Book>::new())
            .collect(9)
            .await
            .unwrap_err();
        let at = match &error {
            StreamError::RecordInvalid { record, .. } => *record,
            other => panic!("{other:?}"),
        };
        assert_eq!(at, record, "{table:?}");
        assert!(told(&error).contains(cause), "{}", told(&error));
    }
}

#[tokio::test]
async fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
    let mut given = 0;
    let endless = std::iter::from_fn(|| {
        given += 1;
        Some(bytes::Bytes::from_static(if given == 1 {
            b"title\n\""
        } else {
            &[b'x'; 1_000]
        }))
    });
    let parse = ParseCsv::<(String,)>::new().bytes_max(10_000);
    let error = pipeline(Readable::iter(endless))
        .through(parse)
        .collect(9)
        .await
        .unwrap_err();
    assert!(
        matches!(error, StreamError::RecordTooLong { record: 2, .. }),
        "{error:?}"
    );
    assert!(given < 30, "{given} chunks of 1000 bytes were read");
    let wide = ",".repeat(5_000);
    let source = Readable::reader(wide.as_bytes());
    let error = pipeline(source)
        .through(ParseCsv::<(String,)>::new())
        .collect(9)
        .await;
    assert!(
        matches!(error, Err(StreamError::RecordTooLong { record: 1, .. })),
        "{error:?}"
    );
}
