//! Diagnostics of an application: its routes are counted, and operators read of it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use purlin::{
    diagnostics::Diagnostics,
    http::{NoContent, Route, Routes, guard::BearerToken},
    prelude::*,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[module()]
struct EmptyModule;

fn app() -> App {
    let diagnostics = Diagnostics::builder().start().unwrap();
    let books = Routes::at("/books").route(
        Route::get("/{id}")
            .operation("read")
            .public()
            .handler(async || NoContent),
    );
    App::of::<EmptyModule>()
        .routes(books)
        .diagnostics(diagnostics)
        .listen(Ipv4Addr::LOCALHOST.into(), 0)
        .management_port(0)
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn routes_are_counted_and_read_on_the_management_listener_alone() {
    let serving = app().serve().await.unwrap();
    let management = serving.management_address().unwrap();
    for id in 0..3 {
        let answer = get(serving.address(), &format!("/books/{id}")).await;
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }
    let metrics = get(management, "/metrics").await;
    let counted =
        "purlin_http_requests_total{method=\"GET\",route=\"/books/{id}\",status=\"2xx\"} 3";
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains("content-type: text/plain; version=0.0.4; charset=utf-8"));
    let read = get(management, "/diagnostics").await;
    assert!(read.contains("\"executor_delay\""), "{read}");
    for path in ["/metrics", "/diagnostics"] {
        let refused = get(serving.address(), path).await;
        assert!(refused.starts_with("HTTP/1.1 404"), "{refused}");
    }
    drop(serving);
}

#[tokio::test]
async fn the_token_of_the_management_listener_guards_them() {
    let app = app().management_token(BearerToken::new("a long secret of operators"));
    let serving = app.serve().await.unwrap();
    for path in ["/metrics", "/diagnostics"] {
        let refused = get(serving.management_address().unwrap(), path).await;
        assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    }
    drop(serving);
}

#[tokio::test]
async fn a_handler_that_blocks_is_named_by_its_route() {
    let diagnostics = Diagnostics::builder().poll_limit(Duration::from_millis(20));
    let diagnostics = diagnostics.start().unwrap();
    let block = async || {
        let began = std::time::Instant::now();
        while began.elapsed() < Duration::from_millis(50) {}
        NoContent
    };
    let routes = Routes::at("/block")
        .route(Route::get("/now").operation("read").public().handler(block))
        .route(
            Route::post("/now")
                .operation("write")
                .public()
                .handler(block),
        );
    let app = App::of::<EmptyModule>()
        .routes(routes)
        .diagnostics(diagnostics.clone());
    let router = app.build().await.unwrap().router();
    for method in ["GET", "POST"] {
        let request = axum::extract::Request::builder()
            .method(method)
            .uri("/block/now");
        let request = request.body(axum::body::Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(router.clone(), request)
            .await
            .unwrap();
        assert_eq!(answer.status(), 204);
        let name = format!("{method} /block/now");
        let culprits = diagnostics.polls().culprits();
        let found = culprits.iter().find(|it| it.name == name);
        assert!(
            found.is_some_and(|it| it.kind == "route" && it.longest >= 0.05),
            "{culprits:?}"
        );
    }
}
