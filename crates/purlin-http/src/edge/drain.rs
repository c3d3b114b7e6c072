//! Tells answers that would never end by themselves that a stop has begun.

use std::{future::Future, pin::Pin};

use super::current;

/// Ends when a stop begins.
pub(crate) type Draining = Pin<Box<dyn Future<Output = ()> + Send>>;

/// When the server of the request being answered stops; `None` outside the layer.
pub(crate) fn draining() -> Option<Draining> {
    let mut stop = current::stop()?;
    Some(Box::pin(async move {
        if stop.wait_for(|draining| *draining).await.is_err() {
            // Every clone of the edge is gone: there is nobody left who could stop.
            std::future::pending::<()>().await;
        }
    }))
}
