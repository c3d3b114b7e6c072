//! Tables that are sent while they are made.

use std::{
    io::{self, Read},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use futures_util::{Stream, StreamExt, stream};
use http::Request;
use http_body_util::BodyExt;
use proptest::prelude::*;
use purlin_http::{
    Edge, Health, Mount, Reply, Route, Router, Routes, Server,
    stream::{Csv, StreamCoding},
};
use purlin_runtime::CpuPool;
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};

use crate::support::{ask, get, request, served, served_by};

#[derive(Clone, Debug, Serialize)]
struct Row {
    title: String,
    year: i64,
    price: Option<f64>,
}

const COLUMNS: &[&str] = &["title", "year", "price"];

fn rows(rows: Vec<Row>) -> impl Stream<Item = Result<Row, io::Error>> + Send + 'static {
    stream::iter(rows.into_iter().map(Ok))
}

fn row(title: &str, year: i64, price: Option<f64>) -> Row {
    let title = title.to_owned();
    Row { title, year, price }
}

async fn text<T: Serialize + Send + 'static>(csv: Csv<T>) -> String {
    let body = csv.reply().into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

fn pool() -> CpuPool {
    CpuPool::builder().threads(1).build().unwrap()
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes);
    reader.read_to_end(&mut text).unwrap();
    text
}

#[tokio::test]
async fn cells_are_quoted_by_rfc_4180_and_texts_that_are_formulas_are_disarmed() {
    let table = rows(vec![
        row("plain", 1, Some(0.5)),
        row("a, b", -2, None),
        row("say \"it\"", 0, Some(-1.5)),
        row("two\r\nlines", 3, None),
        row("=1+1", i64::MIN, None),
        row("+1", 1, None),
        row("-1", 1, None),
        row("@sum", 1, None),
        row("\tx", 1, None),
        row("\rx", 1, None),
        row("=\"a\"&\"b\"", 1, None),
        row("a=1", 1, None),
        row("", 1, None),
        row(" =1", 1, None),
    ]);
    let lines = [
        "title,year,price",
        "plain,1,0.5",
        "\"a, b\",-2,",
        "\"say \"\"it\"\"\",0,-1.5",
        "\"two\r\nlines\",3,",
        "'=1+1,-9223372036854775808,",
        "'+1,1,",
        "'-1,1,",
        "'@sum,1,",
        "'\tx,1,",
        "\"'\rx\",1,",
        "\"'=\"\"a\"\"&\"\"b\"\"\",1,",
        "a=1,1,",
        ",1,",
        " =1,1,",
        "",
    ];
    assert_eq!(text(Csv::new(COLUMNS, table)).await, lines.join("\r\n"));
}

#[tokio::test]
async fn a_table_without_rows_has_its_header() {
    let table = Csv::new(COLUMNS, rows(Vec::new()));
    assert_eq!(text(table).await, "title,year,price\r\n");
}

#[tokio::test]
async fn the_fields_of_the_answer_say_what_it_is() {
    let routes = Routes::at("/").route(Route::get("/books.csv").public().handler(
        async |coding: StreamCoding| {
            let table = Csv::new(COLUMNS, rows(vec![row("=x", 1, None)]));
            table.filename("Bücher.csv").coded(coding, &pool())
        },
    ));
    let router = served(routes);
    let plain = get(&router, "/books.csv").await;
    assert_eq!(
        plain.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        plain.header("content-disposition"),
        "attachment; filename=\"B_cher.csv\"; filename*=UTF-8''B%C3%BCcher.csv"
    );
    assert_eq!(plain.header("vary"), "accept-encoding");
    assert_eq!(plain.header("content-encoding"), "");
    let mut request = request("GET", "/books.csv");
    request
        .headers_mut()
        .insert("accept-encoding", "gzip".parse().unwrap());
    let coded = ask(&router, request).await;
    assert_eq!(coded.header("content-encoding"), "gzip");
    assert_eq!(coded.header("content-type"), plain.header("content-type"));
    assert_eq!(unpacked(&coded.body), plain.body);
}

#[tokio::test]
async fn a_file_in_gzip_is_one_whatever_the_caller_accepts() {
    let many = (0..20_000).map(|n| row(&format!("Book {n}"), n, None));
    let many: Vec<_> = many.collect();
    let plain = text(Csv::new(COLUMNS, rows(many.clone()))).await;
    let file = Csv::new(COLUMNS, rows(many)).gz(&pool()).reply();
    assert_eq!(file.headers()["content-type"], "application/gzip");
    assert!(!file.headers().contains_key("content-encoding"));
    let bytes = file.into_body().collect().await.unwrap().to_bytes();
    assert!(bytes.len() < plain.len() / 2, "{} bytes", bytes.len());
    assert_eq!(unpacked(&bytes), plain.as_bytes());
}

/// Counts the rows that were asked for, and tells when it is dropped.
struct Source {
    asked: Arc<AtomicUsize>,
    dropped: Arc<Notify>,
}

impl Stream for Source {
    type Item = Result<(String,), io::Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.asked.fetch_add(1, Relaxed);
        Poll::Ready(Some(Ok(("x".repeat(1000),))))
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.dropped.notify_one();
    }
}

#[tokio::test]
async fn pieces_are_of_a_bounded_size_and_made_only_when_they_are_read() {
    let asked = Arc::new(AtomicUsize::new(0));
    let dropped = Arc::default();
    let source = Source {
        asked: Arc::clone(&asked),
        dropped,
    };
    let mut body = Csv::new(&["x"], source)
        .reply()
        .into_body()
        .into_data_stream();
    for read in 1..=100 {
        let piece = body.next().await.unwrap().unwrap();
        assert!(
            (64 * 1024..68 * 1024).contains(&piece.len()),
            "{}",
            piece.len()
        );
        assert!(asked.load(Relaxed) <= read * 66, "no row is read ahead");
    }
}

/// Serves one table over a real connection.
async fn serve<T: Serialize + Send + 'static>(
    table: impl Fn() -> Csv<T> + Clone + Send + Sync + 'static,
) -> purlin_http::server::Running {
    let handler = move || {
        let table = table.clone();
        async move { table() }
    };
    let routes = Routes::at("/").route(Route::get("/t.csv").public().handler(handler));
    let router = Mount::new().routes(routes).build().unwrap().router;
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let health = Health::new();
    let running = server.serve(&Edge::new(), &health, router, Router::new());
    health.set_ready();
    running
}

async fn asked(running: &purlin_http::server::Running) -> TcpStream {
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    let head = b"GET /t.csv HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(head).await.unwrap();
    stream
}

#[tokio::test]
async fn a_caller_who_hangs_up_in_the_middle_ends_what_feeds_the_table() {
    for gz in [false, true] {
        let (count, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let (counting, telling) = (Arc::clone(&count), Arc::clone(&dropped));
        let pool = pool();
        let running = serve(move || {
            let source = Source {
                asked: Arc::clone(&counting),
                dropped: Arc::clone(&telling),
            };
            let table = Csv::new(&["x"], source);
            if gz { table.gz(&pool) } else { table }
        });
        let running = running.await;
        let mut stream = asked(&running).await;
        let mut some = vec![0; 100_000];
        stream.read_exact(&mut some).await.unwrap();
        drop(stream);
        dropped.notified().await;
        let read = count.load(Relaxed);
        tokio::task::yield_now().await;
        assert_eq!(count.load(Relaxed), read, "nothing is read for nobody");
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_while_no_row_comes_ends_what_feeds_the_table() {
    let dropped = Arc::new(Notify::new());
    let telling = Arc::clone(&dropped);
    let running = serve(move || {
        let counting = Arc::new(AtomicUsize::new(0));
        let first = Source {
            asked: counting,
            dropped: Arc::clone(&telling),
        };
        Csv::new(&["x"], first.take(100).chain(stream::pending()))
    });
    let running = running.await;
    let mut stream = asked(&running).await;
    let mut some = vec![0; 60_000];
    stream.read_exact(&mut some).await.unwrap();
    drop(stream);
    dropped.notified().await;
}

#[tokio::test]
async fn a_fault_in_the_middle_cuts_the_connection() {
    for good in [0, 10, 1000] {
        let running = serve(move || {
            let rows = (0..good).map(|_| Ok(("x".repeat(1000),)));
            let broken = stream::iter([Err(io::Error::other("the database went away"))]);
            Csv::new(&["x"], stream::iter(rows).chain(broken))
        });
        let running = running.await;
        let mut stream = asked(&running).await;
        let mut answer = Vec::new();
        let _cut = stream.read_to_end(&mut answer).await;
        assert!(!answer.ends_with(b"0\r\n\r\n"), "{good}: it looks whole");
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.contains("database"), "the cause is for the log");
    }
}

#[tokio::test]
async fn a_row_that_does_not_fit_its_columns_is_a_fault() {
    let wide = Csv::new(&["a"], stream::iter([Ok::<_, io::Error>((1, 2))]));
    let error = wide.reply().into_body().collect().await.unwrap_err();
    assert!(error.to_string().contains("2 cells"), "{error}");
    let nested = Csv::new(&["a"], stream::iter([Ok::<_, io::Error>(([1],))]));
    let error = nested.reply().into_body().collect().await.unwrap_err();
    assert!(error.to_string().contains("is no cell"), "{error}");
    let scalar = Csv::new(&["a"], stream::iter([Ok::<_, io::Error>(1)]));
    assert!(scalar.reply().into_body().collect().await.is_err());
}

#[tokio::test]
async fn a_pool_that_is_closed_breaks_the_answer_off() {
    let pool = pool();
    pool.close().await;
    let table = Csv::new(COLUMNS, rows(vec![row("x", 1, None)])).gz(&pool);
    assert!(table.reply().into_body().collect().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_time_of_the_request_does_not_cut_a_table() {
    let edge = Edge::new().timeout(Some(Duration::from_secs(1)));
    let routes = Routes::at("/").route(Route::get("/t.csv").public().handler(async || {
        let slow = stream::unfold(0, async |n| {
            tokio::time::sleep(Duration::from_secs(60)).await;
            (n < 5).then(|| (Ok::<_, io::Error>((n,)), n + 1))
        });
        Csv::new(&["n"], slow).gz(&pool())
    }));
    let answer = get(&served_by(&edge, routes), "/t.csv").await;
    assert_eq!(unpacked(&answer.body), b"n\r\n0\r\n1\r\n2\r\n3\r\n4\r\n");
}

#[tokio::test]
async fn head_has_the_fields_and_begins_nothing() {
    let dropped = Arc::new(Notify::new());
    let telling = Arc::clone(&dropped);
    let handler = move || {
        let dropped = Arc::clone(&telling);
        async move {
            let asked = Arc::default();
            Csv::new(&["x"], Source { asked, dropped }).filename("x.csv")
        }
    };
    let router = served(Routes::at("/").route(Route::get("/x.csv").public().handler(handler)));
    let head = Request::builder().method("HEAD").uri("/x.csv");
    let answer = ask(&router, head.body(Body::empty()).unwrap()).await;
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"x.csv\""
    );
    assert!(answer.body.is_empty());
    dropped.notified().await;
}

proptest! {
    /// Whatever the texts, a reader of CSV finds them again, but for the disarming.
    #[test]
    fn what_is_written_is_read_again(texts in proptest::collection::vec("\\PC*|[=+@,\"\r\n\t-]{0,6}", 1..40)) {
        let table: Vec<_> = texts.iter().map(|t| Ok::<_, io::Error>((t.clone(), 7))).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let written = runtime.block_on(text(Csv::new(&["t", "n"], stream::iter(table))));
        let mut reader = csv::ReaderBuilder::new().from_reader(written.as_bytes());
        let read: Vec<(String, i32)> = reader.deserialize().map(Result::unwrap).collect();
        prop_assert_eq!(read.len(), texts.len());
        for ((found, number), text) in read.iter().zip(&texts) {
            let armed = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let wanted = if armed { format!("'{text}") } else { text.clone() };
            prop_assert_eq!((found, *number), (&wanted, 7));
        }
    }
}
