//! What the logs say about a request follows its tasks and its jobs.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use tracing::{Subscriber, info_span, span};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use crate::gate::small_pool;

/// Notes which thread enters which span.
#[derive(Clone, Default)]
struct Entered(Arc<Mutex<Vec<(String, String)>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Entered {
    fn on_enter(&self, id: &span::Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap().name().to_owned();
        let thread = thread::current().name().unwrap_or_default().to_owned();
        self.0.lock().unwrap().push((span, thread));
    }
}

#[tokio::test]
async fn a_job_runs_in_the_span_of_its_caller() {
    let entered = Entered::default();
    let subscriber = tracing_subscriber::registry().with(entered.clone());
    let _default = tracing::subscriber::set_default(subscriber);
    let pool = small_pool(1);
    let job = info_span!("request").in_scope(|| pool.run("job", || ()));
    job.await.unwrap();
    let entered = entered.0.lock().unwrap();
    let on_the_pool = ("request".to_owned(), "cpu-0".to_owned());
    assert!(entered.contains(&on_the_pool), "{entered:?}");
}

#[tokio::test]
async fn a_task_runs_in_the_span_of_whoever_spawned_it() {
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry());
    let span_of_the_task = async { tracing::Span::current().metadata().map(|data| data.name()) };
    let task = info_span!("request").in_scope(|| purlin_runtime::spawn(span_of_the_task));
    assert_eq!(task.await.unwrap(), Some("request"));
}
