//! Bare hyper: the same three endpoints with no router, the limit of the HTTP stack.

use std::{convert::Infallible, error::Error, sync::Arc, time::Instant};

use bytes::Bytes;
use garde::Validate;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use purlin_benches::{
    books::{HelloService, NewBook, accept},
    rows::Reader,
    serve,
};
use serde::Serialize;

struct Services {
    hello: HelloService,
    reader: Option<Reader>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    serve::runtime()?.block_on(async {
        let services = Arc::new(Services {
            hello: HelloService,
            reader: Reader::from_env(),
        });
        let listener = serve::listen(since).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let services = services.clone();
            #[allow(
                clippy::disallowed_methods,
                reason = "bare hyper has no Context to lose"
            )]
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(services.clone(), request));
                let _ = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    })
}

async fn answer(
    services: Arc<Services>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path();
    if request.method() == Method::POST && path == "/books" {
        return Ok(create(request).await);
    }
    if let Some(name) = path.strip_prefix("/hello/") {
        return Ok(json(StatusCode::OK, &services.hello.greet(name)));
    }
    let book = match (&services.reader, path.strip_prefix("/books/")) {
        (Some(reader), Some(id)) => reader.by_id(id),
        _ => Ok(None),
    };
    Ok(match book {
        Ok(Some(book)) => json(StatusCode::OK, &book),
        Ok(None) => empty(StatusCode::NOT_FOUND),
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    })
}

async fn create(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let Ok(body) = request.into_body().collect().await else {
        return empty(StatusCode::BAD_REQUEST);
    };
    match serde_json::from_slice::<NewBook>(&body.to_bytes()) {
        Ok(book) if book.validate().is_ok() => json(StatusCode::CREATED, &accept(book)),
        Ok(_) => empty(StatusCode::UNPROCESSABLE_ENTITY),
        Err(_) => empty(StatusCode::BAD_REQUEST),
    }
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Full<Bytes>> {
    let Ok(body) = serde_json::to_vec(value) else {
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
