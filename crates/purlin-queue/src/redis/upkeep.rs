//! What time brings to a queue.

use std::time::Duration;

use super::{scripts, store::Inner};
use crate::{QueueError, store::Upkeep};

impl Inner {
    pub(super) async fn upkeep(&self, queue: &str, max: u32) -> Result<Upkeep, QueueError> {
        let mut call = scripts::UPKEEP.prepare_invoke();
        call.key(self.keys.beginning(queue))
            .arg(self.connections.offset())
            .arg(max.clamp(1, 1000));
        let (promoted, reaped, dropped, next, late): (u32, u32, u32, i64, Vec<String>) =
            self.connections.script(&call).await?;
        let mut ticks = 0;
        for schedule in late {
            ticks += u32::from(self.mend_schedule(queue, &schedule).await?);
        }
        Ok(Upkeep {
            promoted,
            reaped,
            ticks,
            dropped,
            next: u64::try_from(next).ok().map(Duration::from_millis),
        })
    }
}
