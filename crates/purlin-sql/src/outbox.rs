//! Messages for other systems that are written in the caller's transaction and sent after it.
//!
//! A row and a message to a broker cannot be committed together: one of them is lost or stands
//! alone when the process dies in between. So the message is a row as well. Once it is committed a
//! [`Relay`] sends it to its [`Sink`]:
//!
//! * at least once: it is deleted after the sink has taken it, so a relay that dies in between sends
//!   it again. Whoever takes it asks the [inbox](crate::inbox) whether it is the first time.
//! * in order by key: messages of one sink, destination and key are sent one after another, as they
//!   were written. One that fails holds back those of its own key, and nothing else.
//!
//! The id of a message exists before the commit; the same id is what the consumer dedupes by.
//!
//! # Examples
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::{Arc, Mutex};
//! use purlin_base::BoxFuture;
//! use purlin_sql::{Db, outbox::{OUTBOX, Outbox, OutboxError, OutboxMessage, Relay, Sink, SinkError}};
//! use uuid::Uuid;
//!
//! /// What stands for a broker here.
//! #[derive(Default)]
//! struct Shelf(Mutex<Vec<String>>);
//!
//! impl Sink for Shelf {
//!     fn name(&self) -> &str {
//!         "shelf"
//!     }
//!
//!     fn send<'a>(&'a self, batch: &'a [OutboxMessage]) -> BoxFuture<'a, Vec<Result<(), SinkError>>> {
//!         Box::pin(async {
//!             let mut shelf = self.0.lock().unwrap();
//!             shelf.extend(batch.iter().map(|message| message.destination.clone()));
//!             vec![Ok(()); batch.len()]
//!         })
//!     }
//! }
//!
//! let db = Db::connect("sqlite::memory:").await?;
//! db.migrate(&OUTBOX).await?;
//! let outbox = Outbox::new(&db);
//!
//! let id = Uuid::now_v7();
//! db.transaction(async |tx| {
//!     // … the rows that the message is about …
//!     let message = OutboxMessage::new(id, "shelf", "orders.placed", "{\"order\": 7}").key("7");
//!     outbox.put(tx, message).await?;
//!     Ok::<_, OutboxError>(())
//! })
//! .await?;
//! assert!(outbox.find(id).await?.is_some());
//!
//! let shelf = Arc::new(Shelf::default());
//! let relay = Relay::builder(&db).sink(shelf.clone()).build()?;
//! relay.pass().await?; // A service starts it instead, as a part with a lifecycle.
//! assert_eq!(*shelf.0.lock().unwrap(), ["orders.placed"]);
//! assert!(outbox.find(id).await?.is_none());
//! # Ok(()) }
//! ```

use std::{fmt, time::Duration};

use uuid::Uuid;

use crate::{Db, Json, Query, SqlError, TimeOffset, Tx, row::FromRow, value::FromValue};

mod error;
mod message;
mod operate;
mod relay;
mod sink;
mod tables;

pub use error::{OutboxError, RelayOptionError};
pub use message::{MessageState, OutboxMessage, StoredMessage};
pub use operate::SinkDepth;
pub use relay::{OnRefused, Passed, Relay, RelayBuilder};
pub use sink::{Sink, SinkError};
pub use tables::OUTBOX;

pub(crate) use tables::{Words, words};

/// The channel that is woken when a message was put.
pub(crate) const CHANNEL: &str = "purlin_outbox";

/// Bytes that the name of a sink may have.
pub const SINK_BYTES_MAX: usize = 63;

/// Bytes that a destination may have.
pub const DESTINATION_BYTES_MAX: usize = 255;

/// Bytes that a key may have.
pub const KEY_BYTES_MAX: usize = 255;

/// Bytes of headers and body that a message may have, unless
/// [`Outbox::message_bytes_max`] says otherwise.
pub const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// Puts messages, finds them, and tells operators what waits. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    words: &'static Words,
    message_bytes_max: usize,
    offset: TimeOffset,
}

impl Outbox {
    /// The outbox of `db`, which [`OUTBOX`] has made.
    pub fn new(db: &Db) -> Self {
        Self {
            db: db.clone(),
            words: words(db),
            message_bytes_max: MESSAGE_BYTES_MAX,
            offset: TimeOffset::default(),
        }
    }

    /// Bytes of headers and body that a message may have. Default 256 KiB, what every broker takes.
    #[must_use]
    pub fn message_bytes_max(mut self, bytes: usize) -> Self {
        self.message_bytes_max = bytes;
        self
    }

    /// What is added to the database's clock: for tests.
    #[must_use]
    pub fn time_offset(mut self, offset: TimeOffset) -> Self {
        self.offset = offset;
        self
    }

    /// Writes a message that is sent once `tx` is committed, and wakes the relays then.
    ///
    /// Messages of one key are sent in the order of their `put`. Where two transactions put at the
    /// same time, take the lock of what the message is about before: an `update` of its row does.
    ///
    /// # Errors
    ///
    /// [`OutboxError::Taken`] if there is a message with that id; [`OutboxError::TooLarge`] and the
    /// variants that name a field; nothing was written then, and the transaction can go on.
    /// [`OutboxError::Sql`].
    pub async fn put(&self, tx: &mut Tx, message: OutboxMessage) -> Result<(), OutboxError> {
        message.check()?;
        let (headers, size) = message.measure(self.message_bytes_max)?;
        let id = message.id;
        let insert = tx.query(self.words.put).bind(id).bind(message.sink);
        let insert = insert.bind(message.destination).bind(message.key);
        let insert = insert.bind(headers).bind(message.body);
        let insert = insert.bind(size).bind(self.offset.micros());
        if insert.execute().await? == 0 {
            return Err(OutboxError::Taken { id });
        }
        crate::crash_point!("outbox.put");
        tx.notify(CHANNEL);
        Ok(())
    }

    /// The message with that id, as long as it is not sent.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn find(&self, id: Uuid) -> Result<Option<StoredMessage>, SqlError> {
        let find = Query::new(self.words.find).bind(id);
        Ok(latest(&self.db, find).await?.pop())
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("message_bytes_max", &self.message_bytes_max)
            .finish_non_exhaustive()
    }
}

/// Reads what was committed last. Where reads go elsewhere, to a replica perhaps, it is not asked: it
/// would show what was sent already.
pub(crate) async fn latest<T>(db: &Db, query: Query) -> Result<Vec<T>, SqlError>
where
    T: FromRow + Send + 'static,
{
    match &db.config().read_url {
        None => db.read().query(query).fetch_all().await,
        Some(_) => db.write(query).fetch_all().await,
    }
}

/// A duration that the database counted, in microseconds.
fn elapsed(micros: i64) -> Duration {
    Duration::from_micros(micros.max(0).unsigned_abs())
}

/// The headers of a row.
fn headers<T>(row: &crate::Row<'_>) -> Result<T, crate::RowError>
where
    Json<T>: FromValue,
{
    row.get::<Json<T>>("headers").map(|Json(headers)| headers)
}
