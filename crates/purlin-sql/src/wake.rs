//! Wake-ups: a hint that there may be something to do, so that nobody has to poll often.
//!
//! A wake-up can be lost and can come for nothing. Whoever waits for one looks into the database
//! when it comes, and now and then without one: the database is the truth.
//!
//! | from | to | by |
//! | --- | --- | --- |
//! | this [`Db`](crate::Db) | its clones | memory, on every engine |
//! | another process, Postgres | every `Db` on that database | NOTIFY and LISTEN |
//! | another process, SQLite | | nothing: poll |

use std::{
    collections::BTreeMap,
    fmt,
    future::pending,
    sync::{Arc, Mutex},
};

use tokio::sync::{Notify, watch};

/// Bytes that the name of a channel may have.
pub const CHANNEL_BYTES_MAX: usize = 63;

/// Hears the wake-ups of one channel. Made by [`Db::listen`](crate::Db::listen).
pub struct Listener {
    channel: &'static str,
    woken: watch::Receiver<()>,
    /// Keeps the sender.
    _wakes: Arc<Wakes>,
}

impl Listener {
    /// Ends once the channel was woken since the last call, or since the listener was made. Many
    /// wake-ups in between are one.
    ///
    /// After [`Db::close`](crate::Db::close) it ends once more, and then never.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped loses no wake-up.
    pub async fn woken(&mut self) {
        if self.woken.changed().await.is_err() {
            pending().await
        }
    }

    /// The channel.
    pub fn channel(&self) -> &'static str {
        self.channel
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener").field(&self.channel).finish()
    }
}

/// Who listens to what in this process. Channels are literals, so there are not many.
#[derive(Default)]
pub(crate) struct Wakes {
    channels: Mutex<BTreeMap<&'static str, watch::Sender<()>>>,
    /// Told when a listener is made.
    listened: Notify,
}

impl Wakes {
    pub(crate) fn listen(self: &Arc<Self>, channel: &'static str) -> Listener {
        let woken = self.with(|channels| channels.entry(channel).or_default().subscribe());
        self.listened.notify_one();
        Listener {
            channel,
            woken,
            _wakes: Arc::clone(self),
        }
    }

    /// Wakes whoever listens to `channel` in this process.
    pub(crate) fn wake(&self, channel: &str) {
        self.with(|channels| {
            if let Some(listeners) = channels.get(channel) {
                listeners.send_replace(());
            }
        });
    }

    /// Wakes everybody: nobody knows what was missed.
    pub(crate) fn wake_all(&self) {
        self.with(|channels| {
            for listeners in channels.values() {
                listeners.send_replace(());
            }
        });
    }

    /// Ends once there has been a listener.
    #[cfg(feature = "postgres")]
    pub(crate) async fn listened(&self) {
        self.listened.notified().await;
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<&'static str, watch::Sender<()>>) -> T) -> T {
        work(&mut self.channels.lock().expect("nothing panics here"))
    }
}

impl fmt::Debug for Wakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wakes").finish_non_exhaustive()
    }
}

/// # Panics
///
/// If `channel` is no name for a channel.
pub(crate) fn check(channel: &str) {
    let of_a_name = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_-.:".contains(&c);
    assert!(
        (1..=CHANNEL_BYTES_MAX).contains(&channel.len()) && channel.bytes().all(of_a_name),
        "`{channel}` does not name a channel: 1 to 63 of the characters a-z 0-9 _ - . :"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_channel_is_short_and_plain() {
        let longest = "x".repeat(CHANNEL_BYTES_MAX);
        let longer = "x".repeat(CHANNEL_BYTES_MAX + 1);
        for good in ["jobs", "purlin_outbox:mail.v2-a", &longest] {
            check(good);
        }
        for bad in ["", "Jobs", "two words", "it's", &longer] {
            let refused = std::panic::catch_unwind(|| check(bad));
            assert!(refused.is_err(), "{bad:?}");
        }
    }
}
