//! The server, over real connections.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use purlin_http::{
    Edge, Health, Json, Mount, NoContent, Route, Routes, Server,
    server::{Running, ServerError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};

/// A handler that can be held, and the moments it passes.
#[derive(Clone, Default)]
struct Gate {
    begun: Arc<Notify>,
    go: Arc<Notify>,
    done: Arc<Notify>,
}

impl Gate {
    fn routes(&self) -> Routes {
        let gate = self.clone();
        let pass = move || {
            let gate = gate.clone();
            async move {
                gate.begun.notify_one();
                gate.go.notified().await;
                gate.done.notify_one();
                NoContent
            }
        };
        let gate = self.clone();
        let body = move || {
            let go = Arc::clone(&gate.go);
            let late = async move {
                go.notified().await;
                Ok::<_, std::io::Error>("late")
            };
            async { Body::from_stream(futures_util::stream::once(late)) }
        };
        Routes::at("/gate")
            .route(Route::get("/body").public().handler(body))
            .route(Route::get("/").public().handler(pass.clone()))
            .route(Route::post("/").public().handler(pass))
    }
}

async fn start(gate: &Gate, header_timeout: Duration) -> (Running, Health) {
    let health = Health::new();
    let read = Route::get("/{*rest}")
        .public()
        .handler(async || Json("hello"));
    let routes = Routes::at("/").route(
        Route::get("/hello")
            .public()
            .handler(async || Json("hello")),
    );
    let mounted = Mount::new()
        .routes(routes)
        .routes(gate.routes())
        .routes(health.routes())
        .routes(Routes::at("/files").route(read))
        .build()
        .unwrap();
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let server = server
        .management(0)
        .await
        .unwrap()
        .header_timeout(header_timeout);
    let management = Mount::new()
        .routes(Routes::at("/").route(Route::get("/metrics").public().handler(async || Json("m"))))
        .build()
        .unwrap();
    let running = server.serve(&Edge::new(), &health, mounted.router, management.router);
    health.set_ready();
    (running, health)
}

const LONG: Duration = Duration::from_secs(60);

async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(running.address()).await.unwrap()
}

/// Sends `text` and reads until the server closes.
async fn talk(mut stream: TcpStream, text: &[u8]) -> String {
    // The server may refuse before it has read all.
    let _refused = stream.write_all(text).await;
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn head(method: &str, path: &str, more: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}\r\n").into_bytes()
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_names_it() {
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let error = Server::bind(server.address()).await.unwrap_err();
    assert!(matches!(error, ServerError::PortTaken { address, .. } if address == server.address()));
    assert_eq!(error.code(), "HTTP_PORT_TAKEN");
    let again = server.management(0).await.unwrap();
    let taken = again.management_address().unwrap().port();
    let other = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    assert!(other.management(taken).await.is_err());
}

#[tokio::test]
async fn the_two_listeners_serve_what_is_theirs() {
    let (running, _) = start(&Gate::default(), LONG).await;
    let public = talk(connect(&running).await, &head("GET", "/hello", "")).await;
    assert!(
        public.starts_with("HTTP/1.1 200 OK") && public.ends_with("\"hello\""),
        "{public}"
    );
    let hidden = talk(connect(&running).await, &head("GET", "/metrics", "")).await;
    assert!(hidden.starts_with("HTTP/1.1 404"), "{hidden}");
    let management = TcpStream::connect(running.management_address().unwrap())
        .await
        .unwrap();
    let metrics = talk(management, &head("GET", "/metrics", "")).await;
    assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");
    assert!(running.management_address().unwrap().ip().is_loopback());
}

#[tokio::test]
async fn a_stop_finishes_what_is_in_flight_and_closes_what_is_idle() {
    let gate = Gate::default();
    let (running, health) = start(&gate, LONG).await;
    let address = running.address();
    let mut idle = connect(&running).await;
    idle.write_all(b"GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    let busy = connect(&running).await;
    let answer = talk(busy, b"GET /gate HTTP/1.1\r\nhost: x\r\n\r\n");
    let stop = async {
        gate.begun.notified().await;
        let mut stop = Box::pin(running.stop(LONG));
        let mut rest = Vec::new();
        tokio::select! {
            _ = &mut stop => panic!("a request is in flight"),
            read = idle.read_to_end(&mut rest) => { read.unwrap(); }
        }
        assert!(health.ready().await.is_err());
        assert!(
            TcpStream::connect(address).await.is_err(),
            "nothing new is accepted"
        );
        gate.go.notify_one();
        stop.await
    };
    let (answer, drained) = tokio::join!(answer, stop);
    assert!(
        answer.starts_with("HTTP/1.1 204") && answer.contains("connection: close"),
        "{answer}"
    );
    assert_eq!((drained.connections_cut, drained.tasks_left), (0, false));
}

#[tokio::test]
async fn what_is_left_at_the_deadline_is_cut() {
    let gate = Gate::default();
    let (running, _) = start(&gate, LONG).await;
    let request = head("POST", "/gate", "");
    let answer = talk(connect(&running).await, &request);
    let stop = async {
        gate.begun.notified().await;
        running.stop(Duration::ZERO).await
    };
    let (answer, drained) = tokio::join!(answer, stop);
    assert_eq!(
        (answer.as_str(), drained.connections_cut, drained.tasks_left),
        ("", 1, true)
    );
}

#[tokio::test]
async fn a_caller_who_closes_the_connection_does_not_cut_a_post_and_the_stop_waits_for_it() {
    let gate = Gate::default();
    let (running, _) = start(&gate, LONG).await;
    let mut caller = connect(&running).await;
    caller.write_all(&head("POST", "/gate", "")).await.unwrap();
    gate.begun.notified().await;
    caller.set_zero_linger().unwrap();
    drop(caller);
    let finish = async {
        gate.go.notify_one();
        gate.done.notified().await;
    };
    let (drained, ()) = tokio::join!(running.stop(LONG), finish);
    assert_eq!((drained.connections_cut, drained.tasks_left), (0, false));
}

#[tokio::test]
async fn a_client_that_does_not_send_its_header_is_cut() {
    let (running, _) = start(&Gate::default(), Duration::from_millis(50)).await;
    for begin in [
        "",
        "P",
        "PRI * HTTP/2.0\r\n",
        "GET /hello HTTP/1.1\r\nhost:",
    ] {
        let mut stream = connect(&running).await;
        stream.write_all(begin.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(LONG, stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{begin:?}");
    }
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_is_cut_on_a_connection_that_was_used_too() {
    let (running, _) = start(&Gate::default(), Duration::from_millis(50)).await;
    let mut stream = connect(&running).await;
    let whole = b"GET /hello HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(whole).await.unwrap();
    let mut answer = [0; 1024];
    assert!(stream.read(&mut answer).await.unwrap() > 0);
    let drip = async {
        let mut every = tokio::time::interval(Duration::from_millis(5));
        while stream.write_all(b"G").await.is_ok() {
            every.tick().await;
        }
    };
    assert!(tokio::time::timeout(LONG, drip).await.is_ok());
}

#[tokio::test]
async fn a_body_that_takes_longer_than_a_head_may_is_not_cut() {
    let timeout = Duration::from_millis(40);
    let gate = Gate::default();
    let (running, _) = start(&gate, timeout).await;
    let mut stream = connect(&running).await;
    stream
        .write_all(&head("GET", "/gate/body", ""))
        .await
        .unwrap();
    let mut answer = String::new();
    let early = tokio::time::timeout(4 * timeout, stream.read_to_string(&mut answer)).await;
    assert!(
        early.is_err(),
        "it ended before the gate was opened: {answer}"
    );
    gate.go.notify_one();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("4\r\nlate\r\n0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn overlong_addresses_and_headers_are_problems_over_the_wire_too() {
    let (running, _) = start(&Gate::default(), LONG).await;
    for (request, status) in [
        (
            head("GET", &format!("/files/{}", "x".repeat(60_000)), ""),
            "414",
        ),
        (
            head(
                "GET",
                "/hello",
                &format!("x-large: {}\r\n", "x".repeat(100_000)),
            ),
            "431",
        ),
        (head("BREW", "/hello", ""), "501"),
    ] {
        let answer = talk(connect(&running).await, &request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(
            answer.contains("content-type: application/problem+json"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn rubbish_on_the_wire_is_a_4xx_or_a_closed_connection() {
    let (running, _) = start(&Gate::default(), LONG).await;
    let long_name = format!("{}: x\r\n", "n".repeat(300_000));
    let many: String = (0..500).map(|n| format!("x-{n}: 1\r\n")).collect();
    for request in [
        b"\0\x01\x02\r\n\r\n".to_vec(),
        b"GET /a b HTTP/1.1\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n".to_vec(),
        b"POST /gate HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_vec(),
        b"POST /gate HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"
            .to_vec(),
        head("GET", &format!("/{}", "x".repeat(200_000)), ""),
        head("GET", "/hello", &long_name),
        head("GET", "/hello", &many),
    ] {
        let answer = talk(connect(&running).await, &request).await;
        let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
        assert!(refused, "{} -> {answer}", request[..20].escape_ascii());
    }
    let answer = talk(connect(&running).await, &head("GET", "/hello", "")).await;
    assert!(
        answer.starts_with("HTTP/1.1 200"),
        "it still serves: {answer}"
    );
}

#[tokio::test]
async fn dropping_a_running_server_stops_it() {
    let (running, _) = start(&Gate::default(), LONG).await;
    let mut stream = connect(&running).await;
    stream
        .write_all(b"GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    stream.read_exact(&mut [0; 12]).await.unwrap();
    drop(running);
    let mut rest = Vec::new();
    assert!(stream.read_to_end(&mut rest).await.is_ok());
}
