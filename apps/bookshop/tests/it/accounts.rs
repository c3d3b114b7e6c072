//! Accounts and reviews: what the services do, on every engine, and what is seen of it over HTTP.
//!
//! The services run in this process, so that a test can say who is signed in, what the time is,
//! and what passwords are kept as.

mod engines;
mod http;
mod people;
mod registering;
mod reviewing;

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use bookshop::{
    books::{Author, Book, BookInput, BookService, BooksModule},
    reviews::{ReviewService, ReviewsModule},
    schema::DatabaseModule,
    settings::Settings,
    users::{
        Hashing, PasswordKeeper, RegisterService, Registration, User, UserService, UserStore,
        UsersModule,
    },
};
use purlin::{
    core::{
        Container,
        config::{Config, Sources},
    },
    prelude::*,
    sql::SqlConfig,
};
use purlin_base::{
    lifecycle::StopReason,
    time::{Clock, ManualClock},
};

#[module(imports(BooksModule, DatabaseModule, ReviewsModule, UsersModule))]
struct Inside;

/// The services over one database.
struct Shop {
    container: Container,
    clock: ManualClock,
    keeper: Arc<Keeper>,
}

/// Keeps passwords so that a test can see what was done, and takes none that is `password`.
#[derive(Default)]
struct Keeper {
    hashes: AtomicU32,
}

impl PasswordKeeper for Keeper {
    fn judge(&self, password: &str) -> Result<(), FieldError> {
        match password {
            "password" => Err(FieldError::pointer("#/password", "common", "is too common")),
            _ => Ok(()),
        }
    }

    fn hash<'a>(&'a self, password: &'a str) -> Hashing<'a> {
        let number = self.hashes.fetch_add(1, Relaxed);
        Box::pin(async move { Ok(format!("$test${number}${}", password.len())) })
    }
}

impl Shop {
    async fn open(url: &str) -> Self {
        Self::open_as(url, "test").await
    }

    async fn open_as(url: &str, app_env: &str) -> Self {
        let start = Timestamp::from_unix_micros(1_790_000_000_000_000);
        let (clock, keeper) = (ManualClock::new(start), Arc::new(Keeper::default()));
        let container = Container::builder::<Inside>()
            .input(bookshop::jobs::Role::Looks)
            .input(settings(url, app_env))
            .input(SqlConfig::new(url))
            .override_value::<dyn Clock>(Arc::new(clock.clone()))
            .override_value::<dyn PasswordKeeper>(keeper.clone())
            .build()
            .await
            .unwrap();
        container.start().await.unwrap();
        Self {
            container,
            clock,
            keeper,
        }
    }

    async fn close(self) {
        self.container.stop(StopReason::Requested).await;
    }

    fn part<T: Send + Sync + 'static>(&self) -> Arc<T> {
        self.container.find::<T>().expect("it is provided")
    }

    fn db(&self) -> Arc<Db> {
        self.part()
    }

    fn users(&self) -> Arc<UserStore> {
        self.part()
    }

    fn people(&self) -> Arc<UserService> {
        self.part()
    }

    fn register(&self) -> Arc<RegisterService> {
        self.part()
    }

    fn reviews(&self) -> Arc<ReviewService> {
        self.part()
    }

    async fn account(&self, email: &str) -> Option<User> {
        let found = self.users().find_by_email(&email.parse().unwrap()).await;
        found.unwrap()
    }

    /// Somebody who has just registered.
    async fn somebody(&self, email: &str) -> User {
        self.register().register(wanted(email)).await.unwrap();
        self.account(email).await.unwrap()
    }

    async fn a_book(&self) -> Book {
        let content = BookInput {
            title: "Emma".into(),
            authors: vec![Author {
                name: "Jane Austen".into(),
            }],
            year: 1815,
            language: "en".into(),
            subject: "Fiction".into(),
            price_cents: 1199,
            stock: 3,
        };
        self.part::<BookService>().create(content).await.unwrap()
    }

    /// Every mail: its reader, its kind and its text, in the order of writing.
    async fn mails(&self) -> Vec<(String, String, String)> {
        let select = "select recipient, kind, body from mails order by id";
        self.db().read().query(select).fetch_all().await.unwrap()
    }

    async fn count(&self, select: &'static str) -> i64 {
        let (count,) = self.db().read().query(select).fetch_one().await.unwrap();
        count
    }
}

fn settings(url: &str, app_env: &str) -> Settings {
    let directory = env::temp_dir();
    let directory = directory.to_str().unwrap();
    let secret = "0123456789abcdef0123456789abcdef";
    let sources = Sources::new().env([
        ("DATABASE_URL", url),
        ("DATA_DIR", directory),
        ("APP_ENV", app_env),
        ("APP_SECRET", secret),
        (
            "WEBHOOK_SECRET",
            "whsec_Ym9va3Nob3AtZGV2ZWxvcG1lbnQtc2VjcmV0",
        ),
        ("MANAGEMENT_TOKEN", secret),
    ]);
    Settings::load(&sources).unwrap()
}

fn wanted(email: &str) -> Registration {
    Registration {
        email: email.to_owned(),
        password: "a good long password".to_owned(),
        name: "Ada".to_owned(),
    }
}
