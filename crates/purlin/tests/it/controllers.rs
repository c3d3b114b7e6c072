//! Controllers in modules: built from their module, guarded by its guards.

use std::sync::Arc;

use purlin::{
    App,
    core::{Graph, injectable, module},
    http::{Guard, GuardRequest, Json, Problem, controller},
};

struct Books;

#[injectable]
struct StaffGuard {}

impl Guard for StaffGuard {
    async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> {
        Ok(())
    }
}

#[module(providers(StaffGuard), exports(StaffGuard))]
struct AuthModule;

#[injectable]
struct BookController {
    _books: Arc<Books>,
}

#[controller("/books")]
impl BookController {
    #[get("/")]
    #[public]
    async fn list(&self) -> Json<u8> {
        Json(1)
    }

    #[post("/")]
    #[guard(StaffGuard)]
    async fn create(&self) -> Json<u8> {
        Json(2)
    }
}

#[module(
    imports(AuthModule),
    providers(Books = value(Books)),
    controllers(BookController),
)]
struct BookModule;

#[tokio::test]
async fn the_routes_of_every_controller_are_mounted() {
    let app = App::of::<BookModule>().build().await.unwrap();
    let templates = app.routes().iter().map(|route| &*route.template);
    let books = templates.filter(|template| template.starts_with("/books"));
    assert_eq!(books.count(), 2);
}

#[tokio::test]
async fn the_document_is_made_from_the_routes_and_named_after_the_root_module() {
    let named = |app: App| async { app.build().await.unwrap().documents().remove(0) };
    let document = named(App::of::<BookModule>()).await;
    assert_eq!(document.path(), "/openapi.json");
    assert_eq!(document.json["info"]["title"], "Book");
    let create = &document.json["paths"]["/books"]["post"];
    assert_eq!(create["operationId"], "book_create");
    assert_eq!(create["security"][0]["bearer"], serde_json::json!([]));
    let document = named(App::of::<BookModule>().title("The bookshop")).await;
    assert_eq!(document.json["info"]["title"], "The bookshop");
}

#[test]
fn the_graph_shows_what_a_controller_and_its_guards_need() {
    let graph = Graph::of::<BookModule>().unwrap();
    let controller = &graph.modules[0].providers[1];
    assert_eq!(controller.name, "BookController");
    let needs: Vec<_> = controller.needs.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(needs, ["Books", "StaffGuard"]);
}

#[test]
fn a_controller_or_guard_whose_dependency_is_missing_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
