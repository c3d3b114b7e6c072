//! A router driven in process, request by request, for counts that no network disturbs.

use std::{convert::Infallible, error::Error};

use axum::{body::Body, response::Response};
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::{Service, ServiceExt, service_fn};

use crate::books::BOOK;

/// The two requests that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `GET /hello/ada`.
    Hello,
    /// `POST /books` with a book that passes the checks.
    Post,
}

impl Call {
    /// The call with this name: `hello` or `post`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "hello" => Some(Self::Hello),
            "post" => Some(Self::Post),
            _ => None,
        }
    }

    fn request(self) -> Result<Request<Body>, http::Error> {
        match self {
            Self::Hello => Request::get("/hello/ada").body(Body::empty()),
            Self::Post => Request::builder()
                .method(Method::POST)
                .uri("/books")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(BOOK)),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Hello => StatusCode::OK,
            Self::Post => StatusCode::CREATED,
        }
    }
}

/// Sends `call` so many times to the contestant with this name and returns whether there is one:
/// `axum`, `ours` (no layers), `ours-layers` (the default ones), or `nothing`, which answers at once, so that what is counted there is the drive.
///
/// # Errors
/// An answer of another status than the call's.
pub async fn run(name: &str, call: Call, times: u64) -> Result<bool, Box<dyn Error>> {
    match name {
        "axum" => drive(&crate::bare::router(None), call, times).await?,
        "nothing" => drive(&service_fn(|_| nothing(call)), call, times).await?,
        "ours" => drive(&crate::ours::bare_router().await?, call, times).await?,
        "ours-layers" => drive(&crate::ours::layered_router().await?, call, times).await?,
        _ => return Ok(false),
    }
    Ok(true)
}

async fn nothing(call: Call) -> Result<Response, Infallible> {
    let mut response = Response::new(Body::from("{}"));
    *response.status_mut() = call.status();
    Ok(response)
}

/// Each request goes to a clone of the service, as in a server, and the answer is read to its end.
async fn drive<S>(service: &S, call: Call, times: u64) -> Result<(), Box<dyn Error>>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone,
{
    for _ in 0..times {
        let response = service.clone().oneshot(call.request()?).await?;
        if response.status() != call.status() {
            return Err(format!("answered {}, not {}", response.status(), call.status()).into());
        }
        std::hint::black_box(response.into_body().collect().await?.to_bytes());
    }
    Ok(())
}

/// The exit code of a contestant that is not there yet: the runner leaves it out.
pub const ABSENT: i32 = 3;

/// The arguments of the counting programs: contestant, call, times.
///
/// # Errors
/// One is missing or unknown.
pub fn arguments() -> Result<(String, Call, u64), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let contestant = arguments.next().ok_or("say which contestant")?;
    let call = arguments.next().and_then(|name| Call::named(&name));
    let times = arguments.next().ok_or("say how many times")?.parse()?;
    Ok((contestant, call.ok_or("say hello or post")?, times))
}
