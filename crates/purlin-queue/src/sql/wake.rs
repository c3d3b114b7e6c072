//! Wake-ups: hints that a queue may have something to claim.

use std::sync::Arc;

use purlin_base::BoxFuture;

use super::core::Core;

/// Queues share these channels, since a channel has a name that is known when the program is
/// built: who is woken for a queue beside its own looks once for nothing.
const CHANNELS: [&str; 16] = [
    "purlin_queue.0",
    "purlin_queue.1",
    "purlin_queue.2",
    "purlin_queue.3",
    "purlin_queue.4",
    "purlin_queue.5",
    "purlin_queue.6",
    "purlin_queue.7",
    "purlin_queue.8",
    "purlin_queue.9",
    "purlin_queue.10",
    "purlin_queue.11",
    "purlin_queue.12",
    "purlin_queue.13",
    "purlin_queue.14",
    "purlin_queue.15",
];

/// The channel of a queue: the same in every process and version.
pub(super) fn channel(queue: &str) -> &'static str {
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    let hash = queue.bytes().fold(2_166_136_261, mix);
    CHANNELS[(hash % 16) as usize]
}

/// Ends when there may be something to claim that was not there when this was called.
pub(super) fn woken(core: &Arc<Core>, queue: &str) -> BoxFuture<'static, ()> {
    let mut listener = core.db.listen(channel(queue));
    Box::pin(async move { listener.woken().await })
}
