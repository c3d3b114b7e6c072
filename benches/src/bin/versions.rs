//! `versions BATCHES`: what it costs to find out the version and the route of a request, with 500
//! routes in each of 3 versions, for each form of asking. In process; one line of JSON for each.
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{convert::Infallible, error::Error, time::Instant};

use axum::{
    Router,
    body::Body,
    response::Response,
    routing::{MethodRouter, get},
};
use http::{Request, StatusCode};
use purlin::http::{Mount, NoContent, Route, Routes, Versioning};
use tower::{Service, ServiceExt, service_fn};

const ROUTES: usize = 500;
const VERSIONS: [&str; 3] = ["1", "2", "3"];
const BATCH: usize = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    let batches = std::env::args()
        .nth(1)
        .ok_or("say how many batches")?
        .parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(measure(batches))
}

/// What a caller sends: its name, what the path begins with, the query and a header field.
const FORMS: [(&str, &str, &str, [&str; 2]); 6] = [
    ("path", "/api/v2", "", ["", ""]),
    ("nothing", "/api", "", ["", ""]),
    ("query", "/api", "?version=2", ["", ""]),
    ("header", "/api", "", ["x-api-version", "2"]),
    ("host", "/api", "", ["host", "v2.localhost"]),
    (
        "media type",
        "/api",
        "",
        ["accept", "application/vnd.bench.v2+json"],
    ),
];

async fn measure(batches: usize) -> Result<(), Box<dyn Error>> {
    let drive = service_fn(async |_: Request<Body>| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        Ok::<_, Infallible>(response)
    });
    let by_path = FORMS[0];
    let alone = nanos(&drive, by_path, batches).await?;
    let axum = nanos(&bare()?, by_path, batches).await? - alone;
    print("bare axum, by path", axum, alone);
    let ours = ours()?;
    for form in FORMS {
        print(form.0, nanos(&ours, form, batches).await? - alone, alone);
    }
    Ok(())
}

fn print(name: &str, net: f64, drive: f64) {
    println!(r#"{{"form":"{name}","net_ns":{net:.0},"drive_ns":{drive:.0}}}"#);
}

/// The same routes, each in every version, on axum's router alone.
fn bare() -> Result<Router, Box<dyn Error>> {
    let mut router = Router::new();
    for version in VERSIONS {
        for route in 0..ROUTES {
            let answer: MethodRouter = get(async || StatusCode::NO_CONTENT);
            router = router.route(&format!("/api/v{version}/things{route}/{{id}}"), answer);
        }
    }
    Ok(router)
}

fn ours() -> Result<Router, Box<dyn Error>> {
    let versioning = Versioning::below("/api")
        .default_version("2")
        .path("v")
        .query("version")
        .header("X-Api-Version")
        .host("v")
        .media_type("application/vnd.bench");
    let versioning = VERSIONS.into_iter().fold(versioning, Versioning::version);
    let routes = (0..ROUTES).fold(Routes::at("/api"), |routes, route| {
        let one = Route::get(format!("/things{route}/{{id}}")).version("1"..);
        routes.route(one.public().handler(async || NoContent))
    });
    Ok(Mount::new()
        .versioning(versioning)
        .routes(routes)
        .build()?
        .router)
}

/// Nanoseconds for a request: the median of the batches' means. Requests are made before the
/// clock starts.
async fn nanos<S>(
    service: &S,
    form: (&str, &str, &str, [&str; 2]),
    batches: usize,
) -> Result<f64, Box<dyn Error>>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone,
{
    let mut means = Vec::with_capacity(batches);
    for _ in 0..batches {
        let requests: Vec<_> = (0..BATCH)
            .map(|n| request(form, n))
            .collect::<Result<_, _>>()?;
        let began = Instant::now();
        for request in requests {
            let response = service.clone().oneshot(request).await?;
            if response.status() != StatusCode::NO_CONTENT {
                return Err(format!("{}: answered {}", form.0, response.status()).into());
            }
        }
        means.push(began.elapsed().as_nanos() as f64 / BATCH as f64);
    }
    means.sort_by(f64::total_cmp);
    Ok(means.get(batches / 2).copied().unwrap_or_default())
}

fn request(
    (_, base, query, [name, value]): (&str, &str, &str, [&str; 2]),
    number: usize,
) -> Result<Request<Body>, http::Error> {
    let route = number * 7 % ROUTES;
    let request = Request::get(format!("{base}/things{route}/{number}{query}"));
    match name {
        "" => request.body(Body::empty()),
        _ => request.header(name, value).body(Body::empty()),
    }
}
