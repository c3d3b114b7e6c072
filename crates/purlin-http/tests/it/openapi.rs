//! The document that is made from the routes.

use std::{collections::BTreeSet, sync::Arc};

use axum::http::HeaderMap;
use garde::Validate;
use http::Method;
use purlin_base::{Classified, ErrorClass, ErrorClasses};
use purlin_http::{
    Accepted, Caller, Controller, Created, ETag, Edge, Guard, GuardRequest, Html, IfMatch, Json,
    Mount, NoContent, Page, PageRequest, Path, Problem, Query, Raw, Route, Router, Routes, Tagged,
    Valid, controller,
    mount::MountError,
    openapi::{self, Info, Operation, SecurityScheme},
};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::support::{get, request};

/// A note.
///
/// # Examples
///
/// Not for callers.
#[derive(serde::Serialize, serde::Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Note {
    /// What it says; see [`Note`](super::Note).
    #[garde(length(chars, min = 1, max = 80))]
    text: String,
    #[garde(skip)]
    #[serde(default)]
    tags: Vec<String>,
    #[garde(skip)]
    author: Author,
}

#[derive(serde::Serialize, serde::Deserialize, JsonSchema)]
struct Author {
    name: String,
}

#[derive(serde::Deserialize, JsonSchema)]
#[expect(dead_code, reason = "it is only described")]
struct Filter {
    /// The earliest year.
    #[schemars(range(min = 1900))]
    year: Option<i32>,
    word: String,
    author: Option<Kind>,
}

#[derive(serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Living,
    Dead,
}

#[derive(Debug, thiserror::Error)]
#[error("gone")]
struct Lost;

impl Classified for Lost {
    fn class(&self) -> ErrorClass {
        ErrorClass::Gone
    }

    fn code(&self) -> &'static str {
        "LOST"
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Gone.into()
    }
}

struct StaffGuard;

impl Guard for StaffGuard {
    async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> {
        Ok(())
    }
}

struct CookieGuard;

impl Guard for CookieGuard {
    async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> {
        Ok(())
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.accept(SecurityScheme::cookie("session", "id"));
    }
}

struct NoteController;

/// Everything that the module has, once.
#[controller("/v2/notes")]
impl NoteController {
    /// Lists notes.
    ///
    /// All of them,
    /// in order.
    ///
    /// # Errors
    ///
    /// Not for callers.
    #[get]
    #[public]
    async fn list(&self, _page: PageRequest, _filter: Query<Filter>) -> Page<Note> {
        unreachable!("it is only described")
    }

    #[get("/{id}/{part}")]
    #[guard(StaffGuard, CookieGuard)]
    async fn read(
        &self,
        _id: Path<(u32, String)>,
        _headers: HeaderMap,
        _caller: Caller,
    ) -> Result<Tagged<Json<Note>>, Lost> {
        Err(Lost)
    }

    #[post]
    #[public]
    #[describe(|operation| { operation.body_example(json!({"text": "buy bread"})); })]
    async fn create(&self, _note: Valid<Note>) -> Created<Note> {
        unreachable!("it is only described")
    }

    #[put("/{id}/{part}")]
    #[public]
    async fn replace(&self, _seen: IfMatch, _note: Json<Note>) -> Accepted<Note> {
        unreachable!("it is only described")
    }

    #[delete("/{id}/{part}")]
    #[public]
    async fn remove(&self, _seen: Option<IfMatch>) -> Result<NoContent, Problem> {
        Ok(NoContent)
    }

    #[get("/page/{*rest}")]
    #[public]
    async fn page(&self) -> Html {
        Html::text("")
    }

    #[get("/raw")]
    #[public]
    async fn raw(&self) -> Raw {
        unreachable!("it is only described")
    }
}

fn mounted() -> purlin_http::mount::Mounted {
    let guards = (Arc::new(StaffGuard), (Arc::new(CookieGuard), ()));
    let notes = NoteController::routes(Arc::new(NoteController), guards);
    Mount::new().routes(notes).build().unwrap()
}

fn document() -> Value {
    let routes = mounted().routes;
    let info = Info::new("Notes", "2");
    openapi::document(routes.iter().map(|route| &**route), &info)
}

fn operation(path: &str, method: &str) -> Value {
    let found = document()["paths"][path][method].clone();
    assert!(found.is_object(), "{method} {path}");
    found
}

fn parameter(operation: &Value, name: &str) -> Value {
    let all = operation["parameters"].as_array().unwrap();
    let found = all.iter().find(|parameter| parameter["name"] == name);
    found.unwrap_or_else(|| panic!("{name} in {all:?}")).clone()
}

fn statuses(operation: &Value) -> BTreeSet<&str> {
    let all = operation["responses"].as_object().unwrap();
    all.keys().map(String::as_str).collect()
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "$ref" => {
                        found.insert(text.clone());
                    }
                    other => references(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        let target = document.pointer(reference.strip_prefix('#').unwrap());
        assert!(target.is_some(), "{reference}");
    }
    for kind in ["schemas", "responses", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(found.contains(&reference), "{reference} is not used");
        }
    }
}

#[test]
fn every_operation_has_a_success_a_failure_a_name_and_the_parameters_of_its_path() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let at = format!("{method} {path}");
            let is_success = |it: &&str| it.starts_with('2') || *it == "default";
            assert!(statuses(operation).iter().any(is_success), "{at}");
            assert!(statuses(operation).contains("500"), "{at}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} stands twice");
            for name in path.split('{').skip(1) {
                let name = name.split('}').next().unwrap();
                let parameter = parameter(operation, name);
                assert_eq!(parameter["in"], "path", "{at}");
                assert_eq!(parameter["required"], true, "{at}");
                assert!(parameter["schema"]["type"].is_string(), "{at}");
            }
        }
    }
    assert!(ids.contains("note_list"), "{ids:?}");
}

#[test]
fn a_doc_comment_becomes_summary_and_description_without_what_speaks_to_programmers() {
    let list = operation("/v2/notes", "get");
    assert_eq!(list["summary"], "Lists notes");
    assert_eq!(list["description"], "All of them,\nin order.");
    assert_eq!(list["tags"], json!(["Note"]));
    let note = &document()["components"]["schemas"]["Note"];
    assert_eq!(note["description"], "A note.");
    let text = &note["properties"]["text"];
    assert_eq!(text["description"], "What it says; see `Note`.");
    assert_eq!(
        (&text["minLength"], &text["maxLength"]),
        (&json!(1), &json!(80))
    );
}

#[test]
fn fields_of_the_query_are_parameters_and_never_null() {
    let list = operation("/v2/notes", "get");
    let year = parameter(&list, "year");
    assert_eq!(year["in"], "query");
    assert_eq!(year["schema"]["type"], "integer");
    assert_eq!(year["schema"]["minimum"], 1900);
    assert_eq!(year["description"], "The earliest year.");
    assert_eq!(parameter(&list, "word")["required"], true);
    assert!(year["required"].is_null());
    let author = parameter(&list, "author");
    assert_eq!(
        author["schema"],
        json!({"$ref": "#/components/schemas/Kind"})
    );
    let limit = parameter(&list, "limit");
    assert_eq!(limit["schema"]["maximum"], PageRequest::LIMIT_MAX);
    for name in ["cursor", "offset", "page"] {
        assert_eq!(parameter(&list, name)["in"], "query");
    }
}

#[test]
fn a_tuple_of_the_path_gives_each_parameter_its_type() {
    let read = operation("/v2/notes/{id}/{part}", "get");
    assert_eq!(parameter(&read, "id")["schema"]["format"], "uint32");
    assert_eq!(parameter(&read, "part")["schema"]["type"], "string");
    let page = operation("/v2/notes/page/{rest}", "get");
    assert_eq!(parameter(&page, "rest")["schema"]["type"], "string");
}

#[test]
fn each_argument_guard_and_error_adds_its_statuses() {
    let edge = ["400", "414", "431", "500", "504"];
    let with =
        |more: &[&'static str]| -> BTreeSet<&str> { edge.iter().chain(more).copied().collect() };
    let cases = [
        ("/v2/notes", "get", with(&["200", "406"])),
        (
            "/v2/notes",
            "post",
            with(&["201", "406", "408", "413", "415", "422", "503"]),
        ),
        (
            "/v2/notes/{id}/{part}",
            "get",
            with(&["200", "304", "401", "403", "404", "406", "410", "412"]),
        ),
        (
            "/v2/notes/{id}/{part}",
            "put",
            with(&[
                "202", "406", "408", "412", "413", "415", "422", "428", "503",
            ]),
        ),
        (
            "/v2/notes/{id}/{part}",
            "delete",
            with(&["204", "default", "503"]),
        ),
        ("/v2/notes/raw", "get", with(&["default"])),
    ];
    for (path, method, expected) in cases {
        let operation = operation(path, method);
        assert_eq!(statuses(&operation), expected, "{method} {path}");
    }
}

#[test]
fn a_guard_says_what_it_asks_for_and_two_are_asked_together() {
    let read = operation("/v2/notes/{id}/{part}", "get");
    let expected = json!([{"bearer": []}, {"bearer": [], "session": []}]);
    assert_eq!(read["security"], expected);
    let schemes = &document()["components"]["securitySchemes"];
    assert_eq!(schemes["session"]["in"], "cookie");
    assert!(operation("/v2/notes", "get")["security"].is_null());
}

#[test]
fn a_type_that_differs_in_requests_has_two_schemas_and_one_that_does_not_has_one() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let required = |name: &str| schemas[name]["required"].clone();
    assert_eq!(required("NoteInput"), json!(["text", "author"]));
    assert_eq!(required("Note"), json!(["text", "tags", "author"]));
    assert!(schemas["AuthorInput"].is_null() && schemas["Author"].is_object());
    let create = &document["paths"]["/v2/notes"]["post"];
    let body = &create["requestBody"]["content"]["application/json"];
    assert_eq!(body["schema"]["$ref"], "#/components/schemas/NoteInput");
    assert_eq!(body["example"], json!({"text": "buy bread"}));
    let made = &create["responses"]["201"];
    let schema = &made["content"]["application/json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/Note");
    assert!(made["headers"]["Location"].is_object());
}

#[test]
fn a_version_has_a_document_of_its_own_with_the_routes_that_belong_to_none() {
    let route = |path: &str, name| {
        let route = Route::get(path).operation(name).public();
        route.handler(async || NoContent)
    };
    let routes = Routes::at("/")
        .route(route("/api/v1/books", "list"))
        .route(route("/api/v2/books", "list"))
        .route(route("/vat", "vat"));
    let routes = Mount::new().routes(routes).build().unwrap().routes;
    let documents = openapi::documents(&routes, "Shop");
    let paths: Vec<String> = documents.iter().map(openapi::Document::path).collect();
    assert_eq!(paths, ["/openapi/v1.json", "/openapi/v2.json"]);
    for (document, own) in documents.iter().zip(["/api/v1/books", "/api/v2/books"]) {
        let paths = document.json["paths"].as_object().unwrap();
        assert_eq!(paths.keys().collect::<Vec<_>>(), [own, "/vat"]);
    }
    assert_eq!(documents[0].json["info"]["version"], "1");
    let plain = openapi::documents(&routes[2..], "Shop");
    assert_eq!(plain[0].path(), "/openapi.json");
}

#[test]
fn two_operations_of_one_name_are_refused_in_one_document_alone() {
    let route = |path: &str| {
        let route = Route::get(path).operation("list").public();
        Routes::at("/")
            .controller("Books")
            .route(route.handler(async || NoContent))
    };
    let mount = |paths: [&str; 2]| {
        let mount = paths
            .into_iter()
            .fold(Mount::new(), |it, path| it.routes(route(path)));
        mount.build().map(|mounted| mounted.routes.len())
    };
    assert_eq!(mount(["/v1/books", "/v2/books"]), Ok(2));
    for paths in [["/books", "/shelf"], ["/v1/books", "/shelf"]] {
        let error = mount(paths).unwrap_err();
        assert_eq!(error.code(), "HTTP_ROUTE_OPERATION_ID");
        let text = error.to_string();
        assert!(text.contains(paths[0]) && text.contains(paths[1]), "{text}");
        assert!(matches!(error, MountError::OperationId { id, .. } if id == "books_list"));
    }
}

#[test]
fn a_route_without_a_name_is_named_by_its_path_and_may_answer_anything() {
    let route = |method| {
        Route::new(method, "/{id}")
            .public()
            .handler(async || NoContent)
    };
    let routes = Routes::at("/notes")
        .route(route(Method::GET))
        .route(route(Method::PUT));
    let routes = Mount::new().routes(routes).build().unwrap().routes;
    let ids: Vec<String> = routes.iter().map(|route| route.operation_id()).collect();
    assert_eq!(ids, ["get_notes_id", "put_notes_id"]);
    let json = &openapi::documents(&routes, "Notes")[0].json;
    assert!(json["paths"]["/notes/{id}"]["get"]["responses"]["default"].is_object());
}

#[tokio::test]
async fn a_document_is_served_with_a_tag_and_not_twice() {
    let documents = openapi::documents(&mounted().routes, "Notes");
    let routes = openapi::routes(&documents);
    let router = Edge::new().router(Mount::new().routes(routes).build().unwrap().router);
    let answer = get(&router, "/openapi/v2.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), documents[0].json);
    let mut again = request("GET", "/openapi/v2.json");
    again
        .headers_mut()
        .insert("if-none-match", answer.headers["etag"].clone());
    assert_eq!(crate::support::ask(&router, again).await.status, 304);
}

/// What is logged about answers that a document does not name.
async fn logged(router: Router, uri: &str) -> String {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_max_level(tracing::Level::ERROR)
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    get(&router, uri).await;
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn an_answer_that_the_document_does_not_name_is_logged_with_its_route() {
    let gone = || async { Err::<Json<u8>, _>(Lost.into()) as Result<_, Problem> };
    let route = Route::get("/lost").operation("lost").public();
    let silent = route.clone().describe(|operation| {
        operation.reply::<Json<u8>>();
    });
    let honest = silent.clone().describe(|operation| {
        operation.fails(ErrorClass::Gone);
    });
    let served = |routes: Routes| crate::support::served(routes);
    let log = logged(
        served(Routes::at("/").route(silent.handler(reply(gone)))),
        "/lost",
    )
    .await;
    assert!(
        log.contains("does not name") && log.contains("lost"),
        "{log}"
    );
    assert!(log.contains("410"), "{log}");
    for route in [honest, route] {
        let router = served(Routes::at("/").route(route.handler(reply(gone))));
        assert_eq!(logged(router, "/lost").await, "");
    }
}

/// An axum handler of a handler's answer.
fn reply<F, R>(handler: fn() -> F) -> impl axum::handler::Handler<((),), ()>
where
    F: Future<Output = R> + Send + 'static,
    R: purlin_http::Reply,
{
    async move || handler().await.reply()
}

#[test]
fn an_answer_with_a_tag_names_its_fields() {
    let read = operation("/v2/notes/{id}/{part}", "get");
    assert!(read["responses"]["200"]["headers"]["ETag"].is_object());
    assert!(read["responses"]["304"]["content"].is_null());
    assert_eq!(parameter(&read, "If-None-Match")["in"], "header");
    let put = operation("/v2/notes/{id}/{part}", "put");
    let tags = parameter(&put, "If-Match");
    assert_eq!(tags["required"], true);
    assert!(
        tags["schema"]["pattern"]
            .as_str()
            .unwrap()
            .contains("{0,63}")
    );
    assert_eq!(tags["example"], ETag::strong(1).to_string());
    let list = operation("/v2/notes", "get");
    let link = &list["responses"]["200"]["headers"]["Link"];
    assert!(link["description"].as_str().unwrap().contains("next"));
}
