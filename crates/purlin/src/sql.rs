//! SQL, tied to modules: a database that is opened, migrated, watched and closed by the frame.

use std::{marker::PhantomData, sync::Arc};

use purlin_core::{
    ConfigModule, Definition, Dep, Exported, Exports, Hosts, Injectable, Module, Own, Provider,
    Provides, Resolved,
};
pub use purlin_sql::*;

use crate::http::HealthTable;

/// The tables that a database must have.
pub trait Schema: Send + Sync + 'static {
    /// The steps that make them, applied at start.
    const MIGRATIONS: Migrations;
    /// The tables of the parts that keep their own in this database, applied before.
    const PARTS: &'static [Migrations] = &[];
}

/// Provides and exports a [`Db`] with the tables of `S`.
///
/// The address and the bounds are a [`SqlConfig`] that is handed in at start by
/// [`App::input`](crate::App::input). The database is opened and migrated before anything that
/// needs it is built, asked by the readiness check, and closed last.
///
/// ```
/// use purlin::{prelude::*, sql::{Migration, Migrations, Schema, SqlConfig}};
///
/// pub struct Shop;
///
/// impl Schema for Shop {
///     const MIGRATIONS: Migrations = Migrations::new("shop", &[Migration {
///         version: 1,
///         name: "books",
///         sqlite: "create table books (id text primary key) strict",
///         postgres: "create table books (id uuid primary key)",
///     }]);
/// }
///
/// #[module(imports(SqlModule<Shop>))]
/// pub struct AppModule;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let app = App::of::<AppModule>().input(SqlConfig::new("sqlite::memory:")).build().await?;
/// # app.stop().await;
/// # Ok::<(), AppError>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SqlModule<S>(PhantomData<fn() -> S>);

impl<S: Schema> Module for SqlModule<S> {
    type Scope = (Own<Self>, (Exported<ConfigModule<SqlConfig>>, ()));

    fn define(definition: &mut Definition) {
        definition.import::<ConfigModule<SqlConfig>>();
        definition.provide(Provider::<Db>::factory(open::<S>).lifecycle());
        definition.component::<Watch>("health indicator", Watch::attach);
        definition.export::<Db>();
    }
}

impl<S: Schema> Provides<Db> for SqlModule<S> {}
impl<S: Schema> Exports<Db> for SqlModule<S> {}

async fn open<S: Schema>(config: Arc<SqlConfig>) -> Result<Db, OpenError> {
    let db = Db::connect(&*config).await?;
    match migrate::<S>(&db).await {
        Ok(()) => Ok(db),
        Err(error) => {
            db.close().await;
            Err(error)
        }
    }
}

async fn migrate<S: Schema>(db: &Db) -> Result<(), OpenError> {
    for part in S::PARTS {
        db.migrate(part).await?;
    }
    db.migrate(&S::MIGRATIONS).await?;
    Ok(())
}

/// Asks the database whether it can work.
struct Watch {
    db: Arc<Db>,
}

impl Injectable for Watch {
    type Deps = (Dep<Db>, ());

    fn build((db, ()): Resolved<Self::Deps>) -> Self {
        Self { db }
    }
}

impl Watch {
    fn attach(watch: Arc<Self>, (): (), hosts: &mut Hosts) {
        hosts
            .host::<HealthTable>()
            .0
            .push(Arc::clone(&watch.db) as _);
    }
}
