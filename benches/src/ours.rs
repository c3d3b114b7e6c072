//! The same three endpoints by the frame: modules, an injected service, controllers.
//!
//! Two ways to serve them are compared. [`bare_router`] has the controllers mounted and nothing
//! around them, so that it does what the bare axum router does. [`app`] has every default layer.

use std::{env, error::Error};

use axum::Router;
use purlin::{
    core::Container,
    http::{Controller, Mount},
    prelude::*,
    sql::OpenError,
};
use serde::Serialize;

use crate::books::{Accepted as AcceptedBook, Greeting, HelloService, NewBook, accept};

/// The greeting over HTTP.
#[injectable]
pub struct HelloController {
    hello: Arc<HelloService>,
}

#[controller("/hello")]
impl HelloController {
    #[get("/{name}")]
    #[public]
    async fn greet(&self, Path(name): Path<String>) -> Json<Greeting> {
        Json(self.hello.greet(&name))
    }
}

/// Books taken in over HTTP; nothing is stored.
#[injectable]
pub struct IntakeController {}

#[controller("/books")]
impl IntakeController {
    #[post]
    #[public]
    async fn create(&self, Valid(book): Valid<NewBook>) -> Created<AcceptedBook> {
        Created::at("/books/1", accept(book))
    }
}

/// One row, as it is answered.
#[derive(Debug, schemars::JsonSchema, Serialize, FromRow)]
pub struct Book {
    id: String,
    title: String,
    #[row(json)]
    authors: serde_json::Value,
    year: i64,
    language: String,
    subject: String,
    price_cents: i64,
    stock: i64,
    created_at: String,
}

/// Why there is no book to answer.
#[derive(Debug)]
pub enum ReadError {
    /// There is none.
    Missing,
    /// The database.
    Sql(SqlError),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("no such book"),
            Self::Sql(error) => error.fmt(f),
        }
    }
}

impl Error for ReadError {}

impl Classified for ReadError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Missing => ErrorClass::NotFound,
            Self::Sql(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "BOOK_NOT_FOUND",
            Self::Sql(error) => error.code(),
        }
    }
}

/// Books read over HTTP.
#[injectable]
pub struct RowController {
    db: Arc<Db>,
}

#[controller("/books")]
impl RowController {
    #[get("/{id}")]
    #[public]
    async fn read(&self, Path(id): Path<String>) -> Result<Json<Book>, ReadError> {
        find(&self.db, id).await
    }
}

/// The book with this id.
///
/// # Errors
/// There is none, or the database fails.
pub async fn find(db: &Db, id: String) -> Result<Json<Book>, ReadError> {
    let find = db.read().query(
        "SELECT id, title, authors, year, language, subject, price_cents, stock, created_at \
         FROM books WHERE id = $1",
    );
    let row = find.bind(id).fetch_optional().await;
    row.map_err(ReadError::Sql)?
        .map(Json)
        .ok_or(ReadError::Missing)
}

/// The endpoints without a database.
#[module(
    providers(HelloService = value(HelloService)),
    controllers(HelloController, IntakeController),
    exports(HelloService)
)]
pub struct HelloModule;

/// The endpoint with one.
#[module(providers(Db = factory(open)), controllers(RowController), exports(Db))]
pub struct RowModule;

/// All of them.
#[module(imports(HelloModule, RowModule))]
pub struct CatalogueModule;

/// The file that `DB` names, or a temporary database.
async fn open() -> Result<Db, OpenError> {
    let address =
        env::var("DB").map_or("sqlite::memory:".to_owned(), |it| format!("sqlite://{it}"));
    Db::connect(address).await
}

/// The application with its default layers, listening on loopback at `port`.
pub fn app(port: u16) -> App {
    let host = std::net::Ipv4Addr::LOCALHOST.into();
    App::of::<CatalogueModule>()
        .listen(host, port)
        .management_port(0)
}

/// The router with its default layers, without the row: for counts in process.
///
/// # Errors
/// The application does not start.
pub async fn layered_router() -> Result<Router, Box<dyn Error>> {
    Ok(App::of::<HelloModule>().build().await?.router())
}

/// The controllers without any layer; the row only if `DB` names a file.
///
/// # Errors
/// The container does not start, or the database cannot be opened.
pub async fn bare_router() -> Result<Router, Box<dyn Error>> {
    let container = Container::builder::<HelloModule>().build().await?;
    let hello = container.find().ok_or("there is no HelloService")?;
    let mut mount = Mount::new()
        .routes(HelloController::routes(
            Arc::new(HelloController { hello }),
            (),
        ))
        .routes(IntakeController::routes(Arc::new(IntakeController {}), ()));
    if env::var_os("DB").is_some() {
        let db = Arc::new(open().await?);
        mount = mount.routes(RowController::routes(Arc::new(RowController { db }), ()));
    }
    Ok(mount.build()?.router)
}
