//! Who is told of answers, and under which name requests are worked on.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use purlin_base::work::{Label, WorkKind};
use purlin_http::{
    Edge, Json, Mount, NoContent, Route, Router, Routes,
    edge::{Answered, RequestObserver},
};

use crate::support::{ask, get, request, served_by};

/// What was heard: method, template of the route, status.
#[derive(Default)]
struct Notes(Mutex<Vec<(String, String, u16)>>);

impl RequestObserver for Notes {
    fn answered(&self, answer: &Answered<'_>) {
        assert!(answer.took < Duration::from_secs(60));
        let route = answer.route.map_or("", |route| &*route.template);
        let note = (
            answer.method.to_string(),
            route.to_owned(),
            answer.status.as_u16(),
        );
        self.0.lock().unwrap().push(note);
    }
}

fn observed(routes: Routes) -> (Router, Arc<Notes>) {
    let notes = Arc::<Notes>::default();
    let edge = Edge::new().observer(notes.clone());
    (served_by(&edge, routes), notes)
}

#[tokio::test]
async fn an_observer_hears_of_every_answer_refusals_and_panics_included() {
    let routes = Routes::at("/books")
        .route(
            Route::get("/{id}")
                .operation("read")
                .public()
                .handler(async || NoContent),
        )
        .route(
            Route::post("/")
                .operation("add")
                .public()
                .handler(async || -> NoContent { panic!("on purpose") }),
        );
    let (router, notes) = observed(routes);
    get(&router, "/books/7").await;
    ask(&router, request("HEAD", "/books/8")).await;
    ask(&router, request("POST", "/books")).await;
    get(&router, "/elsewhere").await;
    get(&router, &format!("/books/{}", "x".repeat(9_000))).await;
    let expected = [
        ("GET", "/books/{id}", 204),
        ("HEAD", "/books/{id}", 204),
        ("POST", "/books", 500),
        ("GET", "", 404),
        ("GET", "", 414),
    ];
    let expected = expected.map(|(method, route, status)| (method.into(), route.into(), status));
    assert_eq!(*notes.0.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_handler_works_under_the_name_of_its_route_from_poll_to_poll() {
    let name = async || {
        let before = Label::current();
        tokio::task::yield_now().await;
        assert_eq!(before, Label::current());
        Json(before.to_string())
    };
    let routes = Routes::at("/named")
        .route(Route::get("/{id}").operation("read").public().handler(name))
        .route(
            Route::delete("/{id}")
                .operation("remove")
                .public()
                .handler(name),
        );
    let (router, _) = observed(routes);
    let read = get(&router, "/named/1").await;
    assert_eq!(read.json(), "route GET /named/{id}");
    let removed = ask(&router, request("DELETE", "/named/1")).await;
    assert_eq!(removed.json(), "route DELETE /named/{id}");
    assert_eq!(Label::current(), Label::NONE);
}

#[test]
fn a_mounted_route_has_a_label_of_its_method_and_template() {
    let route = Route::get("/{id}")
        .operation("read")
        .public()
        .handler(async || NoContent);
    let mounted = Mount::new()
        .nest("/api", Routes::at("/books").route(route))
        .build()
        .unwrap();
    let label = mounted.routes[0].label();
    assert_eq!(label.kind(), WorkKind::Route);
    assert_eq!(&*label.name(), "GET /api/books/{id}");
}
