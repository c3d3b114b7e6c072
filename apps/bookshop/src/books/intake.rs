//! Takes the rows of an import into the catalogue, and fills a new one.

use std::{
    collections::HashMap,
    io::Cursor,
    sync::{Arc, Mutex, PoisonError},
};

use purlin::{
    prelude::*,
    sql::{Query, Tx},
};
use purlin_base::{BoxError, id::IdMaker, lifecycle::Lifecycle, time::Clock};

use super::{
    Book, BookInput, Identity,
    row::{self, BookRow, SELECT},
};
use crate::import::{BadRow, BatchOutcome, BookSink, ImportRow, Observer, SEED, import};

/// Tries of one batch while others are in the way.
const TRIES_MAX: u32 = 3;

/// Takes the rows of an import into the catalogue.
#[injectable]
pub struct BookIntake {
    db: Arc<Db>,
    ids: Arc<IdMaker>,
    clock: Arc<dyn Clock>,
}

impl BookSink for BookIntake {
    type Error = SqlError;

    async fn upsert(&self, batch: &[ImportRow]) -> Result<BatchOutcome, SqlError> {
        let mut tries = 1;
        loop {
            let taken = self.db.transaction(async |tx: &mut Tx| {
                alone(tx).await?;
                self.take(tx, batch).await
            });
            match taken.await {
                Err(error) if error.is_retryable() && tries < TRIES_MAX => tries += 1,
                outcome => return outcome,
            }
        }
    }
}

impl BookIntake {
    async fn take(&self, tx: &mut Tx, batch: &[ImportRow]) -> Result<BatchOutcome, SqlError> {
        let there = there(tx, batch).await?;
        let mut outcome = BatchOutcome::default();
        for ImportRow { book, .. } in batch {
            match there.get(&Identity::of(book)) {
                None => {
                    self.add(tx, book.clone()).await?;
                    outcome.created += 1;
                }
                Some(same) if same.content == *book => outcome.unchanged += 1,
                Some(other) => {
                    tx.query(row::update(other.id, book)).execute().await?;
                    outcome.updated += 1;
                }
            }
        }
        Ok(outcome)
    }

    async fn add(&self, tx: &mut Tx, content: BookInput) -> Result<(), SqlError> {
        let book = Book {
            id: self.ids.make(),
            content,
            created_at: self.clock.now(),
            version: 1,
        };
        tx.query(row::insert(&book)).execute().await?;
        Ok(())
    }
}

/// Keeps other writers of books away until the transaction ends; readers are not held up. SQLite
/// has one writer at a time anyhow.
async fn alone(tx: &mut Tx) -> Result<(), SqlError> {
    if tx.db().engine() == "postgres" {
        let lock = "lock table books in share row exclusive mode";
        tx.query(lock).execute().await?;
    }
    Ok(())
}

/// The books that rows of `batch` describe; of several the oldest.
async fn there(tx: &mut Tx, batch: &[ImportRow]) -> Result<HashMap<Identity, Book>, SqlError> {
    let identities = batch.iter().map(|row| Identity::of(&row.book).to_string());
    let find = Query::new(SELECT)
        .push(" where identity in ")
        .push(Query::list(identities))
        .push(" order by id desc");
    let rows: Vec<BookRow> = tx.query(find).fetch_all().await?;
    let books = rows.into_iter().map(Book::from);
    Ok(books
        .map(|book| (Identity::of(&book.content), book))
        .collect())
}

/// Fills a new database with the books that are built into the program, once.
#[injectable(lifecycle)]
pub struct Seeder {
    intake: Arc<BookIntake>,
    clock: Arc<dyn Clock>,
}

impl Lifecycle for Seeder {
    async fn on_module_init(&self) -> Result<(), BoxError> {
        let books = seed().await?;
        let claim = async |tx: &mut Tx| {
            alone(tx).await?;
            let claim = "insert into seeds (name, seeded_at) values ('books', $1) \
                         on conflict (name) do nothing";
            let now = self.clock.now();
            let claimed = tx.query(claim).bind(now).execute().await? > 0;
            if !claimed || has_books(tx).await? {
                return Ok::<_, SqlError>(0);
            }
            for row in &books {
                self.intake.add(tx, row.book.clone()).await?;
            }
            Ok(books.len())
        };
        let added = self.intake.db.transaction(claim).await?;
        if added > 0 {
            tracing::info!(books = added, "a new catalogue was filled");
        }
        Ok(())
    }
}

/// An import may have come before the first start: then the catalogue is not new.
async fn has_books(tx: &mut Tx) -> Result<bool, SqlError> {
    let any = tx.query("select 1 from books limit 1");
    Ok(any.fetch_optional::<(i64,)>().await?.is_some())
}

/// The rows of the seed, all of which are good.
async fn seed() -> Result<Vec<ImportRow>, BoxError> {
    let rows = Collected::default();
    import(Cursor::new(SEED), &rows, &mut Strict).await?;
    Ok(rows.0.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Keeps the rows it is given.
#[derive(Default)]
struct Collected(Mutex<Vec<ImportRow>>);

impl BookSink for Collected {
    type Error = std::convert::Infallible;

    async fn upsert(&self, batch: &[ImportRow]) -> Result<BatchOutcome, Self::Error> {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.extend_from_slice(batch);
        Ok(BatchOutcome::default())
    }
}

/// Says nothing.
struct Strict;

impl Observer for Strict {
    fn bad_row(&mut self, row: &BadRow) {
        tracing::error!(%row, "a row of the seed is bad");
    }

    fn advanced(&mut self, _bytes: u64) {}
}
