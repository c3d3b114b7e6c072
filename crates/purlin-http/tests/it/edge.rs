//! What the default layers do to every request.

use std::{
    cell::RefCell,
    io::Write,
    sync::{Arc, Mutex, Once},
    time::{Duration, Instant},
};

use axum::body::Body;
use http::Request;
use purlin_base::{Classified, Context, ErrorClass};
use purlin_http::{Edge, Json, NoContent, Reply, Route, Router, Routes};
use tokio::sync::Notify;
use tower::ServiceExt;

use crate::support::{ask, get, request, send, served_by};

#[derive(Debug, thiserror::Error)]
#[error("select secret from /var/lib/books.db failed")]
struct Broken(#[source] std::io::Error);

impl Classified for Broken {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }
    fn code(&self) -> &'static str {
        "BOOK_BROKEN"
    }
}

#[derive(Debug, thiserror::Error)]
#[error("busy")]
struct Busy;

impl Classified for Busy {
    fn class(&self) -> ErrorClass {
        ErrorClass::RateLimited
    }
    fn code(&self) -> &'static str {
        "BUSY"
    }
    fn retry_after(&self) -> Option<Duration> {
        Some(Duration::from_millis(1500))
    }
}

fn router(edge: &Edge) -> Router {
    let about = async || {
        let context = Context::current().unwrap();
        let left = context
            .deadline()
            .map(|end| (end - Instant::now()).as_secs());
        context.statements(|log| log.record(&"select 1".into(), std::panic::Location::caller()));
        Json((
            context.request_id().to_owned(),
            context.trace().trace_id(),
            context.outlives_caller(),
            left,
        ))
    };
    let panics = async || -> NoContent { panic!("the shelf {} fell", 7) };
    let broken = async || Err::<NoContent, _>(Broken(std::io::Error::other("disk"))).reply();
    let busy = async || Err::<NoContent, _>(Busy).reply();
    let never = async || -> NoContent { std::future::pending().await };
    let routes = Routes::at("/")
        .route(Route::get("/about/{x}").public().handler(about))
        .route(Route::post("/about").public().handler(about))
        .route(Route::get("/panic").public().handler(panics))
        .route(Route::post("/panic").public().handler(panics))
        .route(Route::get("/broken").public().handler(broken))
        .route(Route::get("/busy").public().handler(busy))
        .route(Route::get("/never").public().handler(never))
        .route(
            Route::post("/body")
                .public()
                .handler(async |_: Json<u32>| NoContent),
        );
    served_by(edge, routes)
}

thread_local! {
    /// What this thread has logged: each test is one thread.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Catches what is logged from now on. One subscriber serves all tests, since whether a line
    /// is of interest is remembered by the whole process.
    fn catch() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing_subscriber::fmt().json().with_writer(|| Log).init());
    }

    fn lines() -> Vec<serde_json::Value> {
        let bytes = LOG.take();
        let lines = bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }
}

#[tokio::test]
async fn the_callers_request_id_is_sent_back_if_it_is_fit_else_a_new_one() {
    let router = router(&Edge::new());
    let with = async |id: &str| {
        let request = Request::get("/about/1")
            .header("x-request-id", id)
            .body(Body::empty());
        let answer = ask(&router, request.unwrap()).await;
        assert_eq!(answer.json()[0], answer.header("x-request-id"));
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(with("order-7.A_b").await, "order-7.A_b");
    let (first, second) = (with("a b").await, with("\"><script>").await);
    assert_eq!((first.len(), second.len()), (32, 32));
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_trace_is_continued_or_begun() {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let with = async |parent: &str| {
        let request = Request::get("/about/1")
            .header("traceparent", parent)
            .body(Body::empty());
        let answer = ask(&router(&Edge::new()), request.unwrap()).await.json();
        answer[1].as_str().unwrap().to_owned()
    };
    assert_eq!(
        with(&format!("00-{trace}-00f067aa0ba902b7-01")).await,
        trace
    );
    let begun = with("00-rubbish").await;
    assert!(
        begun.len() == 32 && begun != trace && begun != "0".repeat(32),
        "{begun}"
    );
}

#[tokio::test]
async fn only_unsafe_methods_outlive_their_callers_and_all_have_a_deadline() {
    let router = router(&Edge::new());
    let (read, write) = (
        get(&router, "/about/1").await,
        send(&router, "POST", "/about", "").await,
    );
    assert_eq!(
        (read.json()[2].clone(), write.json()[2].clone()),
        (false.into(), true.into())
    );
    assert!(matches!(read.json()[3].as_u64(), Some(29..=30)));
    assert_eq!(read.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn a_panic_is_500_for_its_request_alone_and_its_message_is_logged() {
    let router = router(&Edge::new());
    Log::catch();
    for method in ["GET", "POST"] {
        let answer = ask(&router, request(method, "/panic")).await;
        assert_eq!(answer.problem(500), "HTTP_PANIC");
        assert!(!String::from_utf8_lossy(&answer.body).contains("shelf"));
        assert_eq!(get(&router, "/about/1").await.status, 200);
    }
    let failed = |line: &&serde_json::Value| line["fields"]["code"] == "HTTP_PANIC";
    let lines = Log::lines();
    let line = lines.iter().find(failed).expect("the panic is logged");
    assert_eq!(
        line["fields"]["cause"],
        "a handler panicked: the shelf 7 fell"
    );
}

#[tokio::test]
async fn a_fault_of_ours_tells_the_caller_nothing_and_the_log_everything() {
    Log::catch();
    let answer = get(&router(&Edge::new()), "/broken").await;
    assert_eq!(answer.problem(500), "BOOK_BROKEN");
    let told = String::from_utf8(answer.body.clone()).unwrap();
    assert!(!told.contains("secret") && !told.contains("disk"), "{told}");
    let line = Log::lines()
        .into_iter()
        .find(|line| line["fields"]["code"] == "BOOK_BROKEN")
        .unwrap();
    assert_eq!(
        line["fields"]["cause"],
        "select secret from /var/lib/books.db failed: disk"
    );
    assert_eq!(line["fields"]["request_id"], answer.header("x-request-id"));
}

#[tokio::test]
async fn each_request_is_one_line_of_the_log_with_its_template() {
    Log::catch();
    let router = router(&Edge::new());
    let answer = get(&router, "/about/7?secret=1").await;
    get(&router, "/nothing").await;
    let lines: Vec<_> = Log::lines()
        .into_iter()
        .filter(|l| l["target"] == "purlin_http::access")
        .collect();
    let [line, unknown] = &lines[..] else {
        panic!("{lines:?}")
    };
    let fields = &line["fields"];
    assert_eq!(
        (&fields["method"], &fields["route"]),
        (&"GET".into(), &"/about/{x}".into())
    );
    assert_eq!(
        (&fields["status"], &fields["statements"]),
        (&200.into(), &1.into())
    );
    assert_eq!(fields["request_id"], answer.header("x-request-id"));
    assert_eq!(fields["trace_id"], answer.json()[1]);
    assert!(fields["duration_us"].is_u64());
    assert!(!line.to_string().contains("secret"));
    assert_eq!(
        (&unknown["fields"]["route"], &unknown["fields"]["status"]),
        (&"".into(), &404.into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_too_long_is_504_and_a_slow_body_408() {
    let router = router(&Edge::new());
    assert_eq!(get(&router, "/never").await.problem(504), "HTTP_TIMEOUT");
    let silent = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let answer = send(&router, "POST", "/body", Body::from_stream(silent)).await;
    assert_eq!(answer.problem(408), "HTTP_BODY_TIMEOUT");
    assert_eq!(answer.header("connection"), "close");
}

#[tokio::test]
async fn retry_after_is_told_in_whole_seconds_rounded_up() {
    let answer = get(&router(&Edge::new()), "/busy").await;
    assert_eq!(answer.problem(429), "BUSY");
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn the_types_of_problems_can_be_addresses_of_ones_own() {
    let edge = Edge::new().problem_types("https://example.com/problems/");
    let problem = get(&router(&edge), "/busy").await.json();
    assert_eq!(problem["type"], "https://example.com/problems/BUSY");
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_cut_a_post_but_does_cut_a_get() {
    struct Ended(Arc<Notify>, &'static str, Arc<Mutex<Vec<&'static str>>>);
    impl Drop for Ended {
        fn drop(&mut self) {
            self.2.lock().unwrap().push(self.1);
            self.0.notify_one();
        }
    }
    let (begun, go, ended) = (
        Arc::new(Notify::new()),
        Arc::new(Notify::new()),
        Arc::new(Notify::new()),
    );
    let story = Arc::new(Mutex::new(Vec::new()));
    let parts = (
        Arc::clone(&begun),
        Arc::clone(&go),
        Arc::clone(&ended),
        Arc::clone(&story),
    );
    let handler = move || {
        let (begun, go, ended, story) = parts.clone();
        async move {
            let mut end = Ended(ended, "cut", story);
            begun.notify_one();
            go.notified().await;
            end.1 = "finished";
            NoContent
        }
    };
    let edge = Edge::new();
    let get = Route::get("/").public().handler(handler.clone());
    let router = served_by(
        &edge,
        Routes::at("/")
            .route(get)
            .route(Route::post("/").public().handler(handler)),
    );
    for (method, end) in [("GET", "cut"), ("POST", "finished")] {
        let mut call = Box::pin(router.clone().oneshot(request(method, "/")));
        tokio::select! {
            _ = &mut call => panic!("{method} cannot have ended"),
            () = begun.notified() => {}
        }
        drop(call);
        if method == "POST" {
            go.notify_one();
        }
        ended.notified().await;
        assert_eq!(story.lock().unwrap().pop(), Some(end), "{method}");
        edge.idle().await;
    }
}

#[tokio::test]
async fn a_router_without_the_layers_still_answers_with_problems() {
    let broken = async || Err::<NoContent, _>(Busy).reply();
    let routes = Routes::at("/").route(Route::get("/").public().handler(broken));
    let bare = purlin_http::Mount::new()
        .routes(routes)
        .build()
        .unwrap()
        .router;
    let answer = get(&bare, "/").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (429, "application/problem+json")
    );
}
