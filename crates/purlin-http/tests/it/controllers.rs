//! `#[controller]`, guards and access.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use purlin_base::{Classified, ErrorClass, Principal};
use purlin_http::{
    Access, AccessRule, Caller, Controller, Created, Guard, GuardRequest, Json, NoContent, Path,
    Problem, Raw, Reply, Route, Router, Routes, controller,
};

use crate::support::{Answer, ask, get, request, send, served};

/// Notes that it was asked, and lets pass who carries its word.
struct WordGuard<const N: usize> {
    word: &'static str,
    asked: Arc<Mutex<Vec<usize>>>,
}

type First = WordGuard<1>;
type Second = WordGuard<2>;

impl<const N: usize> Guard for WordGuard<N> {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        self.asked.lock().unwrap().push(N);
        let words = request.header("x-words").unwrap_or("");
        if !words.split(' ').any(|word| word == self.word) {
            let class = if N == 1 {
                ErrorClass::Unauthenticated
            } else {
                ErrorClass::Forbidden
            };
            return Err(Problem::new(class, "WORD_MISSING"));
        }
        if N == 1 {
            request.identify(Principal::new("ada", ["staff"]));
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Missing;

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such note")
    }
}

impl std::error::Error for Missing {}

impl Classified for Missing {
    fn class(&self) -> ErrorClass {
        ErrorClass::NotFound
    }
    fn classes() -> purlin_base::ErrorClasses {
        ErrorClass::NotFound.into()
    }

    fn code(&self) -> &'static str {
        "NOTE_MISSING"
    }
}

struct Notes {
    prefix: &'static str,
}

#[controller("/notes")]
#[guard(First)]
impl Notes {
    #[get("/{id}")]
    async fn read(
        &self,
        Path(id): Path<u32>,
        Caller(who): Caller,
    ) -> Result<Json<String>, Missing> {
        if id == 0 {
            return Err(Missing);
        }
        Ok(Json(self.text(id, who.id())))
    }

    #[put("/{id}")]
    #[guard(Second)]
    async fn replace(&self, id: Path<u32>, Json(text): Json<String>) -> Created<String> {
        Created::at(format!("/notes/{}", id.0), text)
    }

    #[delete]
    async fn clear(&self) -> NoContent {
        NoContent
    }

    fn text(&self, id: u32, who: &str) -> String {
        format!("{} {id} of {who}", self.prefix)
    }
}

/// The same by hand: what the attribute expands to.
struct ByHand(Notes);

impl Controller for ByHand {
    type Guards = (First, (Second, ()));

    fn routes(this: Arc<Self>, (first, (second, ())): (Arc<First>, (Arc<Second>, ()))) -> Routes {
        let routes = Routes::at("/notes").controller("Notes");
        let read = Arc::clone(&this);
        let routes = routes.route(
            Route::get("/{id}")
                .operation("read")
                .answers::<Result<Json<String>, Missing>>()
                .guard(Arc::clone(&first))
                .handler(move |id: Path<u32>, who: Caller| async move {
                    Reply::reply(read.0.read(id, who).await)
                }),
        );
        let replace = Arc::clone(&this);
        let routes = routes.route(
            Route::put("/{id}")
                .operation("replace")
                .answers::<Created<String>>()
                .guard(Arc::clone(&first))
                .guard(Arc::clone(&second))
                .handler(move |id: Path<u32>, text: Json<String>| async move {
                    Reply::reply(replace.0.replace(id, text).await)
                }),
        );
        routes.route(
            Route::delete("/")
                .operation("clear")
                .answers::<NoContent>()
                .guard(Arc::clone(&first))
                .handler(move || async move { Reply::reply(this.0.clear().await) }),
        )
    }
}

type Asked = Arc<Mutex<Vec<usize>>>;
type Guards = (Arc<First>, (Arc<Second>, ()));

fn guards() -> (Guards, Asked) {
    let asked = Asked::default();
    let first = Arc::new(WordGuard {
        word: "one",
        asked: Arc::clone(&asked),
    });
    let second = Arc::new(WordGuard {
        word: "two",
        asked: Arc::clone(&asked),
    });
    ((first, (second, ())), asked)
}

fn notes() -> Notes {
    Notes { prefix: "note" }
}

fn both() -> [(Router, Asked); 2] {
    let (by_macro, asked_by_macro) = guards();
    let (by_hand, asked_by_hand) = guards();
    let macro_routes = Notes::routes(Arc::new(notes()), by_macro);
    let hand_routes = ByHand::routes(Arc::new(ByHand(notes())), by_hand);
    assert_eq!(macro_routes.info(), hand_routes.info());
    [
        (served(macro_routes), asked_by_macro),
        (served(hand_routes), asked_by_hand),
    ]
}

async fn with_words(router: &Router, method: &str, uri: &str, words: &str) -> Answer {
    let mut request = request(method, uri);
    request
        .headers_mut()
        .insert("x-words", words.parse().unwrap());
    request
        .headers_mut()
        .insert("content-type", "application/json".parse().unwrap());
    *request.body_mut() = "\"hello\"".into();
    ask(router, request).await
}

#[tokio::test]
async fn the_macro_and_the_hand_make_the_same_controller() {
    for (router, asked) in both() {
        let read = with_words(&router, "GET", "/notes/7", "one").await;
        assert_eq!(
            (read.status.as_u16(), read.json()),
            (200, "note 7 of ada".into())
        );
        let replaced = with_words(&router, "PUT", "/notes/7", "one two").await;
        assert_eq!(
            (replaced.status.as_u16(), replaced.header("location")),
            (201, "/notes/7")
        );
        assert_eq!(
            with_words(&router, "DELETE", "/notes", "one").await.status,
            204
        );
        assert_eq!(*asked.lock().unwrap(), [1, 1, 2, 1]);
    }
}

#[tokio::test]
async fn guards_are_asked_in_order_and_before_the_body_and_each_must_let_pass() {
    for (router, asked) in both() {
        let refused = with_words(&router, "PUT", "/notes/7", "two").await;
        assert_eq!(refused.problem(401), "WORD_MISSING");
        assert_eq!(refused.header("www-authenticate"), "Bearer");
        assert_eq!(
            *asked.lock().unwrap(),
            [1],
            "the second is not asked any more"
        );
        let mut unread = request("PUT", "/notes/7");
        unread
            .headers_mut()
            .insert("x-words", "one".parse().unwrap());
        assert_eq!(ask(&router, unread).await.problem(403), "WORD_MISSING");
    }
}

#[tokio::test]
async fn an_error_that_says_its_class_is_the_answer() {
    for (router, _) in both() {
        let missing = with_words(&router, "GET", "/notes/0", "one").await;
        assert_eq!(missing.problem(404), "NOTE_MISSING");
        assert_eq!(missing.json()["detail"], "no such note");
        assert_eq!(missing.json()["instance"], "/notes/0");
    }
}

#[tokio::test]
async fn guards_can_say_who_is_asking_without_the_default_layers() {
    let routes = Notes::routes(Arc::new(notes()), guards().0);
    let bare = purlin_http::Mount::new()
        .routes(routes)
        .build()
        .unwrap()
        .router;
    assert_eq!(
        with_words(&bare, "GET", "/notes/7", "one").await.json(),
        "note 7 of ada"
    );
}

#[test]
fn the_routes_tell_what_they_are() {
    let routes = Notes::routes(Arc::new(notes()), guards().0);
    let info = routes.info();
    let names: Vec<String> = info.iter().map(|info| info.name()).collect();
    assert_eq!(names, ["Notes::read", "Notes::replace", "Notes::clear"]);
    assert_eq!(info[2].template, "/notes");
    assert_eq!(
        info[1].access,
        Access::Guarded(vec!["WordGuard", "WordGuard"])
    );
    assert_eq!(info[1].rules, [AccessRule::Other("WordGuard"); 2]);
}

struct Open;

#[controller]
impl Open {
    #[get]
    #[public]
    async fn root(&self) -> Json<&'static str> {
        Json("root")
    }

    #[post("/large")]
    #[public]
    #[body_bytes_max(2 * 1024 * 1024)]
    async fn large(&self, body: bytes::Bytes) -> Json<usize> {
        Json(body.len())
    }

    #[get("/raw")]
    #[public]
    async fn raw(&self) -> Raw {
        Raw(http::Response::builder()
            .status(418)
            .body("short and stout".into())
            .unwrap())
    }
}

#[tokio::test]
async fn a_route_may_take_a_larger_body_than_the_others() {
    let router = served(Open::routes(Arc::new(Open), ()));
    let large = send(&router, "POST", "/large", vec![b'x'; 1_500_000]).await;
    assert_eq!(large.json(), 1_500_000);
    send(&router, "POST", "/large", vec![b'x'; 2_500_000])
        .await
        .problem(413);
    assert_eq!(get(&router, "/").await.json(), "root");
    assert_eq!(get(&router, "/raw").await.status, 418);
}
