//! JSON and XML, both ways: which is chosen, and what is refused.

use axum::body::Body;
use garde::Validate;
use http::{Request, StatusCode};
use purlin_base::{
    Context, Page as Rows,
    page::{CursorInfo, PageInfo},
};
use purlin_http::{
    Accepted, Created, ETag, Guard, GuardRequest, Html, Json, NoContent, PageRequest, Problem, Raw,
    Route, Router, Routes, Tagged, Valid, controller,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::support::{Answer, ask, request, served};

const XML: &str = "application/xml";
const JSON: &str = "application/json";

#[derive(Clone, Debug, PartialEq, schemars::JsonSchema, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Pet {
    #[garde(length(chars, min = 1, max = 20))]
    name: String,
    #[garde(range(max = 30))]
    age: u8,
    #[garde(skip)]
    tags: Vec<String>,
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
}

fn rex() -> Pet {
    Pet {
        name: "Rex <3".into(),
        age: 4,
        tags: vec!["a".into(), "b".into()],
        owner: None,
    }
}

struct Pets;

struct Nobody;

impl Guard for Nobody {
    async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> {
        Err(Problem::new(
            purlin_base::ErrorClass::Unauthenticated,
            "NOBODY",
        ))
    }
}

#[controller("/pets")]
#[xml("pet", "pets")]
impl Pets {
    #[get]
    #[public]
    async fn list(&self, page: PageRequest) -> purlin_http::Page<Pet> {
        let (limit, next_cursor, prev_cursor) = (20, Some("n".to_owned()), None);
        let info = PageInfo::Cursor(CursorInfo {
            limit,
            next_cursor,
            prev_cursor,
        });
        page.answer(Rows {
            items: vec![rex()],
            page: info,
        })
    }

    #[get("/{id}")]
    #[public]
    async fn read(&self) -> Result<Tagged<Json<Pet>>, Problem> {
        Ok(Tagged::new(ETag::strong(7), Json(rex())))
    }

    #[post]
    #[public]
    async fn create(&self, Valid(pet): Valid<Pet>) -> Created<Pet> {
        Created::at("/pets/1", pet).tagged(ETag::strong(1))
    }

    #[put("/{id}")]
    #[public]
    async fn later(&self, Json(pet): Json<Pet>) -> Accepted<Pet> {
        Accepted(pet)
    }

    #[delete("/{id}")]
    #[public]
    async fn delete(&self) -> NoContent {
        NoContent
    }

    #[get("/{id}/page")]
    #[public]
    async fn page(&self) -> Html {
        Html::text("Rex")
    }

    #[get("/{id}/image")]
    #[public]
    async fn image(&self) -> Raw {
        Raw(axum::response::IntoResponse::into_response((
            [("content-type", "image/png")],
            "png",
        )))
    }

    #[get("/{id}/secret")]
    #[guard(Nobody)]
    async fn secret(&self) -> Json<u8> {
        Json(1)
    }
}

/// Beside the pets, a route that speaks JSON alone.
struct Plain;

#[controller("/plain")]
impl Plain {
    #[get]
    #[public]
    async fn read(&self) -> Json<u8> {
        Json(1)
    }

    #[post]
    #[public]
    async fn write(&self, Json(number): Json<u8>) -> Json<u8> {
        Json(number)
    }
}

fn router() -> Router {
    use purlin_http::Controller;
    let pets = Pets::routes(Arc::new(Pets), (Arc::new(Nobody), ()));
    let plain = Plain::routes(Arc::new(Plain), ());
    served(Routes::at("/").merge(pets).merge(plain))
}

async fn accepting(method: &str, uri: &str, accept: &str) -> Answer {
    let (mut parts, body) = request(method, uri).into_parts();
    parts.headers.insert("accept", accept.parse().unwrap());
    ask(&router(), Request::from_parts(parts, body)).await
}

async fn sending(uri: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(uri)
        .header("content-type", kind)
        .body(body.into());
    ask(&router(), request.unwrap()).await
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Asserts that this is a problem in XML, and returns it.
    #[track_caller]
    fn xml_problem(&self, status: u16) -> String {
        let text = self.text();
        assert_eq!(self.status, status, "{text}");
        assert_eq!(
            self.header("content-type"),
            "application/problem+xml",
            "{text}"
        );
        assert!(
            text.contains("<problem xmlns=\"urn:ietf:rfc:7807\"><type>"),
            "{text}"
        );
        assert!(
            text.contains(&format!("<status>{status}</status>")),
            "{text}"
        );
        text
    }
}

const REX: &str = "<name>Rex &lt;3</name><age>4</age><tags><tag>a</tag><tag>b</tag></tags>";

#[tokio::test]
async fn every_answer_with_a_value_is_xml_for_who_asks() {
    for (method, uri, status, whole) in [
        ("GET", "/pets/1", 200, format!("<pet>{REX}</pet>")),
        (
            "GET",
            "/pets",
            200,
            format!(
                "<pets><items><item>{REX}</item></items>\
                 <page><limit>20</limit><next_cursor>n</next_cursor></page></pets>"
            ),
        ),
    ] {
        let answer = accepting(method, uri, XML).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (status, XML),
            "{uri}"
        );
        let text = answer.text();
        assert_eq!(
            text,
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{whole}")
        );
        assert_eq!(answer.header("vary"), "accept");
    }
    assert!(
        accepting("GET", "/pets", XML)
            .await
            .header("link")
            .contains("next")
    );
    let answer = accepting("GET", "/pets/1", "text/xml").await;
    assert_eq!(answer.header("content-type"), "text/xml");
}

#[tokio::test]
async fn the_most_welcome_format_is_chosen_and_json_at_a_tie() {
    for (accept, kind) in [
        (JSON, JSON),
        ("*/*", JSON),
        ("", JSON),
        ("application/json, text/plain, */*", JSON),
        ("application/jsonp, application/xml", XML),
        ("application/json;q=0.1, application/xml", XML),
        ("application/*", JSON),
        ("application/xml, application/json", JSON),
        ("application/xml;q=0.9, application/json;q=0.8", XML),
        ("application/xml;q=0.1, */*;q=0.2", JSON),
        ("application/json;q=0, */*", XML),
        ("nonsense, application/xml", XML),
    ] {
        let answer = accepting("GET", "/pets/1", accept).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, kind),
            "{accept}"
        );
        assert_eq!(answer.header("vary"), "accept", "{accept}");
    }
    let answer = ask(&router(), request("GET", "/pets/1")).await;
    assert_eq!(
        (answer.header("content-type"), answer.header("vary")),
        (JSON, "accept")
    );
    let plain = ask(&router(), request("GET", "/plain")).await;
    assert_eq!(
        (plain.header("content-type"), plain.header("vary")),
        (JSON, "")
    );
}

#[tokio::test]
async fn nothing_acceptable_is_a_406_before_anything_is_done() {
    for (accept, uri) in [
        ("text/html", "/pets"),
        ("application/json;q=0, application/xml;q=0.0", "/pets"),
        ("image/*;q=0.5", "/plain"),
        ("*/*;q=0", "/plain"),
        ("nonsense", "/plain"),
    ] {
        let answer = accepting("GET", uri, accept).await;
        assert_eq!(answer.problem(406), "HTTP_NOT_ACCEPTABLE", "{accept}");
    }
    // Not even the body is looked at, nor the guard asked.
    accepting("POST", "/pets", "text/html").await.problem(406);
    accepting("GET", "/pets/1/secret", "text/html")
        .await
        .problem(406);
    assert_eq!(
        accepting("GET", "/pets/1/secret", JSON).await.problem(401),
        "NOBODY"
    );
    accepting("GET", "/plain", XML).await.xml_problem(406);
}

#[tokio::test]
async fn what_is_no_value_is_not_negotiated() {
    for (method, uri, status) in [
        ("DELETE", "/pets/1", 204),
        ("GET", "/pets/1/page", 200),
        ("GET", "/pets/1/image", 200),
        ("OPTIONS", "/pets", 204),
    ] {
        let answer = accepting(method, uri, "image/png").await;
        assert_eq!(answer.status, status, "{uri}");
    }
}

#[tokio::test]
async fn a_route_by_hand_negotiates_if_it_says_what_it_answers_or_speaks_xml() {
    let by_hand = |route: Route| route.public().handler(async || Json(1));
    let routes = Routes::at("/")
        .route(by_hand(Route::get("/unsaid")))
        .route(by_hand(Route::get("/said").answers::<Json<u8>>()))
        .route(by_hand(Route::get("/xml").xml("one", "many")));
    let router = served(routes);
    for (uri, status) in [("/unsaid", 200), ("/said", 406), ("/xml", 406)] {
        let request = Request::get(uri)
            .header("accept", "text/html")
            .body(Body::empty());
        assert_eq!(ask(&router, request.unwrap()).await.status, status, "{uri}");
    }
}

#[tokio::test]
async fn a_problem_is_xml_where_xml_was_asked_for() {
    let refused = accepting("GET", "/pets/1/secret", XML)
        .await
        .xml_problem(401);
    assert!(
        refused.contains("<type>urn:purlin:error:NOBODY</type>"),
        "{refused}"
    );
    for (method, uri, status) in [
        ("GET", "/nowhere", 404),
        ("PATCH", "/pets", 405),
        ("BREW", "/pets", 501),
        ("GET", "/pets/%00", 400),
        ("GET", "/pets?limit=0", 400),
        ("POST", "/pets", 415),
    ] {
        for accept in [XML, "text/xml", "application/problem+xml, application/xml"] {
            let answer = accepting(method, uri, accept).await;
            answer.xml_problem(status);
            assert_eq!(answer.header("vary"), "accept", "{uri}");
        }
        for accept in [
            JSON,
            "application/problem+json, */*",
            "application/xml;q=0.9, */*",
        ] {
            accepting(method, uri, accept).await.problem(status);
        }
    }
    // Where there is no route that could refuse, a problem alone is enough to ask for.
    let accept = "application/problem+xml";
    accepting("GET", "/nowhere", accept).await.xml_problem(404);
    accepting("GET", "/pets", accept).await.xml_problem(406);
    let text = accepting("GET", "/pets?limit=0", XML).await.text();
    assert!(
        text.contains("<errors><i><parameter>limit</parameter><code>range</code>"),
        "{text}"
    );
}

#[tokio::test]
async fn a_body_in_xml_is_read_into_the_same_type() {
    let body = format!("<pet>{REX}<owner/></pet>");
    for kind in [
        XML,
        "text/xml; charset=UTF-8",
        "Application/XML",
        "application/x+xml",
    ] {
        let answer = sending("/pets", kind, body.clone()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let pet: Pet = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(
            pet,
            Pet {
                owner: Some(String::new()),
                ..rex()
            }
        );
    }
}

#[tokio::test]
async fn what_is_wrong_in_xml_is_said_as_in_json() {
    for (from, to, place, code) in [
        ("<age>4", "<age>400", "#/age", "range"),
        ("<age>4", "<age>31", "#/age", "range"),
        ("<age>4", "<age>four", "#/age", "type"),
        ("<age>4</age>", "", "#/age", "missing_field"),
        ("<age>4", "<age>4</age><age>5", "#/age", "duplicate_field"),
        (
            "<age>4</age>",
            "<age>4</age><size>3</size>",
            "#/size",
            "unknown_field",
        ),
        ("<age>4", "<age unit=\"y\">4", "#/age", "type"),
        (
            "<pet>",
            "<pet xmlns=\"urn:x\">",
            "#/@xmlns",
            "unknown_field",
        ),
        (
            "<tag>a</tag>",
            "<word>a</word>",
            "#/tags/word",
            "unknown_field",
        ),
        ("<tag>a</tag>", "<tag><b/></tag>", "#/tags/0", "type"),
        ("<name>Rex &lt;3", "<name>", "#/name", "length"),
        ("pet>", "dog>", "#", "type"),
        ("<name>", "stray<name>", "#", "type"),
    ] {
        let body = format!("<pet>{REX}</pet>").replace(from, to);
        let answer = sending("/pets", XML, body.clone()).await;
        assert_eq!(answer.problem(422), "HTTP_BODY_INVALID", "{body}");
        assert_eq!(answer.fault(), (place.into(), code.into()), "{body}");
    }
}

#[tokio::test]
async fn xml_that_is_no_data_is_a_400_and_takes_no_memory() {
    let laughs: String = (1..30)
        .map(|n| format!("<!ENTITY e{n} \"&e{0};&e{0};\">", n - 1))
        .collect();
    let deep = "<a>".repeat(100_000);
    for (body, code) in [
        (String::new(), "HTTP_BODY_EMPTY"),
        ("<pet>".into(), "HTTP_XML_MALFORMED"),
        ("{\"name\":1}".into(), "HTTP_XML_MALFORMED"),
        ("<pet>&nbsp;</pet>".into(), "HTTP_XML_MALFORMED"),
        ("<pet>\u{0}</pet>".into(), "HTTP_XML_MALFORMED"),
        (
            format!("<!DOCTYPE pet [<!ENTITY e0 \"ha\">{laughs}]><pet>&e29;</pet>"),
            "HTTP_XML_DECLARES",
        ),
        (
            "<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><pet><name>&x;</name></pet>"
                .into(),
            "HTTP_XML_DECLARES",
        ),
        (
            "<?xml-stylesheet href=\"x\"?><pet/>".into(),
            "HTTP_XML_DECLARES",
        ),
        (deep, "HTTP_XML_TOO_DEEP"),
    ] {
        let shown = body[..body.len().min(60)].to_owned();
        let answer = sending("/pets", XML, body).await;
        assert_eq!(answer.problem(400), code, "{shown}");
        assert!(!answer.text().contains("root:"), "{shown}");
    }
    let utf16: Vec<u8> = "\u{FEFF}<pet/>"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(
        sending("/pets", XML, utf16).await.problem(400),
        "HTTP_XML_MALFORMED"
    );
    let wide = format!("<pet>{}</pet>", "<a/>".repeat(200_000));
    assert_eq!(
        sending("/pets", XML, wide).await.problem(413),
        "HTTP_BODY_TOO_LARGE"
    );
}

#[tokio::test]
async fn a_huge_attribute_or_very_many_of_them_are_refused_at_once() {
    let one = format!("<pet a=\"{}\"/>", "x".repeat(1_000_000));
    sending("/pets", XML, one).await.problem(422);
    // A look for doubled names among these would take minutes.
    let many: String = (0..90_000).map(|n| format!(" a{n}=''")).collect();
    sending("/pets", XML, format!("<pet{many}/>"))
        .await
        .problem(422);
    let name = "x".repeat(1_000_000);
    let long = sending("/pets", XML, format!("<{name}/>")).await;
    long.problem(422);
    assert!(long.body.len() < 4096);
}

#[tokio::test]
async fn a_body_that_the_route_does_not_read_is_a_415_that_says_what_it_does() {
    for (uri, kind, accept) in [
        ("/plain", XML, JSON),
        ("/plain", "text/plain", JSON),
        ("/pets", "text/plain", "application/json, application/xml"),
        (
            "/pets",
            "application/xml; charset=utf-16",
            "application/json, application/xml",
        ),
        (
            "/pets",
            "image/svg+xml",
            "application/json, application/xml",
        ),
    ] {
        let answer = sending(uri, kind, "<pet/>").await;
        answer.problem(415);
        assert_eq!(answer.header("accept"), accept, "{kind}");
    }
}

#[tokio::test]
async fn a_body_with_a_coding_is_refused_in_every_format() {
    for (kind, coding) in [
        (JSON, "gzip"),
        (XML, "gzip"),
        (XML, "br"),
        (JSON, "zstd"),
        (XML, "identity, gzip"),
    ] {
        let request = Request::post("/pets").header("content-type", kind);
        let request = request
            .header("content-encoding", coding)
            .body(Body::from("\x1f\u{8b}"));
        let answer = ask(&router(), request.unwrap()).await;
        assert_eq!(answer.problem(415), "HTTP_BODY_CODED", "{coding}");
        assert_eq!(answer.header("accept-encoding"), "identity");
    }
}

#[tokio::test]
async fn an_accept_field_of_any_kind_is_never_a_fault_of_ours() {
    let long = "application/xml;q=0.001,".repeat(340);
    for accept in [
        long.as_str(),
        &",".repeat(8000),
        &"\"".repeat(8000),
        &";q=".repeat(2000),
        "a/b;q=1;q=2;q=0",
        "application/xml;q=99999999999999999999",
        "\u{e4}",
    ] {
        let answer = accepting("GET", "/pets/1", accept).await;
        assert!(
            matches!(answer.status.as_u16(), 200 | 406),
            "{accept}: {}",
            answer.status
        );
    }
    assert_eq!(
        accepting("GET", "/pets/1", &long)
            .await
            .header("content-type"),
        XML
    );
}

#[tokio::test]
async fn without_the_layer_everything_is_json() {
    use purlin_http::Controller;
    let pets = Pets::routes(Arc::new(Pets), (Arc::new(Nobody), ()));
    let router = purlin_http::Mount::new()
        .routes(pets)
        .build()
        .unwrap()
        .router;
    let request = Request::get("/pets/1")
        .header("accept", XML)
        .body(Body::empty());
    let answer = ask(&router, request.unwrap()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, JSON)
    );
    assert!(Context::current().is_none());
}
