//! Wake-ups across processes: one connection that listens, and one that notifies.
//!
//! Every process listens to one channel of Postgres and is told in the payload who woke which
//! channel of ours, so that LISTEN is sent once for each connection.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex},
    time::Duration,
};

use sqlx_core::query::query;
use sqlx_postgres::{PgConnectOptions, PgListener, PgPool, Postgres as Driver};
use tokio::{sync::Notify, time::sleep};
use uuid::Uuid;

use crate::{SqlConfig, wake::Wakes};

/// The channel of Postgres.
const CHANNEL: &str = "purlin_wake";

/// All that were woken meanwhile, in one commit.
const NOTIFY: &str = "select pg_notify('purlin_wake', $1 || ' ' || channel) \
                      from unnest(string_to_array($2, ' ')) as channel";

/// The least time between two commits with NOTIFY of one process.
const NOTIFY_EVERY: Duration = Duration::from_millis(5);

/// How long to wait before connecting again, doubled after each failure.
const RECONNECT_MIN: Duration = Duration::from_millis(50);
const RECONNECT_MAX: Duration = Duration::from_secs(2);

/// Tells other processes what was woken here, and hears what was woken there.
#[derive(Debug)]
pub(super) struct Courier {
    pool: PgPool,
    outgoing: Arc<Outgoing>,
}

/// The channels that other processes are still to be told of.
#[derive(Debug, Default)]
struct Outgoing {
    channels: Mutex<BTreeSet<&'static str>>,
    some: Notify,
}

impl Courier {
    /// Connects to nothing before it is needed.
    pub(super) fn start(config: &SqlConfig, options: PgConnectOptions, wakes: Arc<Wakes>) -> Self {
        let pool = super::pool(config, 2)
            .max_lifetime(None)
            .connect_lazy_with(options);
        let outgoing = Arc::new(Outgoing::default());
        let me = Uuid::new_v4().simple().to_string();
        until_closed(&pool, notify(pool.clone(), outgoing.clone(), me.clone()));
        until_closed(&pool, listen(pool.clone(), wakes, me));
        Self { pool, outgoing }
    }

    pub(super) fn announce(&self, channel: &'static str) {
        let mut channels = self.outgoing.channels.lock().expect("nothing panics here");
        if channels.insert(channel) {
            self.outgoing.some.notify_one();
        }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        // Closed at once; the future would only wait for the connections.
        drop(self.pool.close());
    }
}

async fn notify(pool: PgPool, outgoing: Arc<Outgoing>, me: String) {
    loop {
        outgoing.some.notified().await;
        let woken = mem::take(&mut *outgoing.channels.lock().expect("nothing panics here"));
        let woken: Vec<&str> = woken.into_iter().collect();
        let notify = query::<Driver>(NOTIFY).bind(&me).bind(woken.join(" "));
        if let Err(error) = notify.execute(&pool).await {
            tracing::debug!(target: "purlin::sql", %error, "a wake-up was not sent");
        }
        sleep(NOTIFY_EVERY).await;
    }
}

async fn listen(pool: PgPool, wakes: Arc<Wakes>, me: String) {
    wakes.listened().await;
    let mut wait = RECONNECT_MIN;
    loop {
        match hear(&pool, &wakes, &me, &mut wait).await {
            Ok(()) => {
                tracing::warn!(target: "purlin::sql", "the connection that listens was lost");
            }
            Err(error) => {
                tracing::warn!(target: "purlin::sql", %error, "wake-ups of other processes are not heard");
            }
        }
        sleep(wait).await;
        wait = (wait * 2).min(RECONNECT_MAX);
    }
}

/// Hears until the connection is lost.
async fn hear(
    pool: &PgPool,
    wakes: &Wakes,
    me: &str,
    wait: &mut Duration,
) -> Result<(), sqlx_core::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    *wait = RECONNECT_MIN;
    wakes.wake_all();
    while let Some(said) = listener.try_recv().await? {
        match said.payload().split_once(' ') {
            // Those here were woken at once.
            Some((from, _)) if from == me => {}
            Some((_, channel)) => wakes.wake(channel),
            None => {}
        }
    }
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "there is no context to carry")]
fn until_closed(pool: &PgPool, work: impl Future<Output = ()> + Send + 'static) {
    let closed = pool.close_event();
    tokio::spawn(async move {
        let mut closed = closed;
        // It never ends by itself: what is left is that the pool was closed.
        let _ = closed.do_until(work).await;
    });
}
