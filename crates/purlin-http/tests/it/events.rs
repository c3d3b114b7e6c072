//! Server-sent events.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use axum::body::Body;
use futures_util::{StreamExt, stream};
use http::Request;
use http_body_util::BodyExt;
use purlin_http::{
    Edge, Health, Json, Mount, Reply, Route, Router, Routes, Server,
    stream::{Event, EventError, EventSender, EventStream, LastEventId, NotSent},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use crate::support::{Answer, ask, get, served, served_by};

fn event(data: &str) -> Event {
    Event::new(data).unwrap()
}

async fn whole(events: EventStream) -> String {
    let body = events.reply().into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn events_are_written_field_by_field() {
    let (sender, events) = EventStream::channel(4);
    let first = event("a\nb").name("note").unwrap().id("7").unwrap();
    sender
        .send(first.retry(Duration::from_millis(1500)))
        .unwrap();
    sender
        .send(Event::new(&serde_json::json!({"n": 1})).unwrap())
        .unwrap();
    drop(sender);
    assert_eq!(
        whole(events).await,
        "event: note\nid: 7\nretry: 1500\ndata: \"a\\nb\"\n\ndata: {\"n\":1}\n\n"
    );
}

#[test]
fn no_field_can_begin_another() {
    for bad in ["a\nb", "a\rb", "a\r\ndata: x", "\n", "a\0b", "\u{85}"] {
        assert!(
            matches!(event("x").name(bad), Err(EventError::Name)),
            "{bad:?}"
        );
        assert!(matches!(event("x").id(bad), Err(EventError::Id)), "{bad:?}");
    }
    assert!(event("x").name("").is_err() && event("x").name("n".repeat(65)).is_err());
    assert!(event("x").id("").is_ok() && event("x").id("i".repeat(257)).is_err());
    for text in ["\n", "\r", "\r\n\r\nid: 1", "\u{2028}"] {
        let sent = event(text).to_string();
        assert_eq!(sent.matches('\n').count(), 2, "{sent:?}");
        assert!(!sent.contains('\r'), "{sent:?}");
    }
    let large = "x".repeat(Event::DATA_BYTES_MAX);
    assert!(matches!(
        Event::new(&large),
        Err(EventError::TooLarge { .. })
    ));
}

#[tokio::test]
async fn the_fields_of_the_answer_keep_caches_and_proxies_out_of_it() {
    let routes = Routes::at("/").route(
        Route::get("/e")
            .public()
            .handler(async || EventStream::new(stream::iter([Ok::<_, Infallible>(event("x"))]))),
    );
    let answer = get(&served(routes), "/e").await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-accel-buffering"), "no");
    assert_eq!(answer.header("content-encoding"), "");
    assert_eq!(answer.body, b"data: \"x\"\n\n");
}

#[tokio::test(start_paused = true)]
async fn silence_is_broken_by_a_comment_and_an_event_begins_it_anew() {
    let (sender, events) = EventStream::channel(1);
    let body = events
        .heartbeat(Duration::from_secs(10))
        .reply()
        .into_body();
    let mut body = body.into_data_stream();
    let began = tokio::time::Instant::now();
    for beat in 1..=3 {
        assert_eq!(body.next().await.unwrap().unwrap(), ":\n\n");
        assert_eq!(began.elapsed().as_secs(), beat * 10);
    }
    tokio::time::advance(Duration::from_secs(9)).await;
    sender.send(event("x")).unwrap();
    assert_eq!(body.next().await.unwrap().unwrap(), "data: \"x\"\n\n");
    assert_eq!(body.next().await.unwrap().unwrap(), ":\n\n");
    assert_eq!(began.elapsed().as_secs(), 49);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_the_request_does_not_cut_a_stream_of_events() {
    let edge = Edge::new().timeout(Some(Duration::from_secs(1)));
    let routes = Routes::at("/").route(Route::get("/e").public().handler(async || {
        EventStream::new(stream::unfold(0, async |n| {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            (n < 2).then(|| (Event::new(&n), n + 1))
        }))
    }));
    let answer = get(&served_by(&edge, routes), "/e").await;
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(text.replace(":\n\n", ""), "data: 0\n\ndata: 1\n\n");
}

#[tokio::test]
async fn a_caller_who_falls_behind_is_told_to_the_sender_and_gets_what_waits() {
    let (sender, events) = EventStream::channel(2);
    sender.send(event("1")).unwrap();
    sender.send(event("2")).unwrap();
    assert_eq!(sender.send(event("3")), Err(NotSent::Behind));
    drop(sender);
    assert_eq!(whole(events).await, "data: \"1\"\n\ndata: \"2\"\n\n");
    let (sender, events) = EventStream::channel(0);
    drop(events);
    assert_eq!(sender.send(event("1")), Err(NotSent::Gone));
    assert_eq!(sender.send_when_read(event("1")).await, Err(NotSent::Gone));
    sender.gone().await;
}

#[tokio::test]
async fn a_sender_can_wait_for_its_caller() {
    let (sender, events) = EventStream::channel(1);
    let task = purlin_runtime::spawn(async move {
        for n in 0..1000 {
            sender
                .send_when_read(Event::new(&n).unwrap())
                .await
                .unwrap();
        }
    });
    assert_eq!(whole(events).await.matches("data: ").count(), 1000);
    task.await.unwrap();
}

#[tokio::test]
async fn a_fault_of_the_source_ends_the_stream_and_tells_the_caller_nothing() {
    let source = [
        Ok(event("x")),
        Err(io::Error::other("secret")),
        Ok(event("y")),
    ];
    assert_eq!(
        whole(EventStream::new(stream::iter(source))).await,
        "data: \"x\"\n\n"
    );
}

async fn last_id(fields: &[&[u8]]) -> Answer {
    let routes = Routes::at("/").route(
        Route::get("/e")
            .public()
            .handler(async |id: Option<LastEventId>| Json(id.map(|LastEventId(id)| id))),
    );
    let mut request = Request::builder().uri("/e");
    for field in fields {
        request = request.header("Last-Event-ID", *field);
    }
    ask(&served(routes), request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_last_id_is_read_if_it_is_one_and_refused_if_not() {
    assert!(last_id(&[]).await.json().is_null());
    assert!(last_id(&[b""]).await.json().is_null());
    assert_eq!(last_id(&[b"42"]).await.json(), "42");
    assert_eq!(last_id(&["ü:7".as_bytes()]).await.json(), "ü:7");
    let long = [b'x'; 256];
    assert_eq!(last_id(&[&long]).await.json(), "x".repeat(256));
    let bad: [&[&[u8]]; 4] = [&[&[b'x'; 257]], &[b"\xff"], &[b"a\tb"], &[b"1", b"2"]];
    for fields in bad {
        let answer = last_id(fields).await;
        assert_eq!(answer.problem(400), "HTTP_LAST_EVENT_ID", "{fields:?}");
    }
}

/// Serves streams of events whose senders come out of the channel.
async fn serve() -> (
    purlin_http::server::Running,
    mpsc::UnboundedReceiver<EventSender>,
) {
    let (told, senders) = mpsc::unbounded_channel();
    let told = Arc::new(told);
    let handler = move || {
        let told = Arc::clone(&told);
        async move {
            let (sender, events) = EventStream::channel(4);
            told.send(sender).unwrap();
            events
        }
    };
    let routes = Routes::at("/").route(Route::get("/e").public().handler(handler));
    let router = Mount::new().routes(routes).build().unwrap().router;
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let health = Health::new();
    let running = server.serve(&Edge::new(), &health, router, Router::new());
    health.set_ready();
    (running, senders)
}

async fn listen(running: &purlin_http::server::Running) -> TcpStream {
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    let head = b"GET /e HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(head).await.unwrap();
    stream
}

#[tokio::test]
async fn an_event_reaches_the_caller_while_the_stream_is_open() {
    let (running, mut senders) = serve().await;
    let mut stream = listen(&running).await;
    let sender = senders.recv().await.unwrap();
    let mut seen = String::new();
    for n in 0..3 {
        sender.send(Event::new(&n).unwrap()).unwrap();
        while !seen.contains(&format!("data: {n}\n\n")) {
            let mut some = [0; 1024];
            let read = stream.read(&mut some).await.unwrap();
            assert_ne!(read, 0, "it is still open");
            seen.push_str(str::from_utf8(&some[..read]).unwrap());
        }
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_is_told_to_the_sender() {
    let (running, mut senders) = serve().await;
    let stream = listen(&running).await;
    let sender = senders.recv().await.unwrap();
    drop(stream);
    sender.gone().await;
    assert_eq!(sender.send(event("x")), Err(NotSent::Gone));
}

#[tokio::test]
async fn a_stop_ends_streams_of_events_and_waits_for_nothing() {
    let (running, mut senders) = serve().await;
    let mut stream = listen(&running).await;
    let sender = senders.recv().await.unwrap();
    let drained = running.stop(Duration::from_secs(60)).await;
    assert_eq!(drained.connections_cut, 0);
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"0\r\n\r\n"), "it ended well");
    sender.gone().await;
}
