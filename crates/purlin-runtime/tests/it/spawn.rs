//! Tasks that keep their context.

use purlin_base::Context;

fn request_id() -> Option<String> {
    Context::with_current(|context| context.request_id().to_owned())
}

#[tokio::test]
async fn a_task_runs_in_the_context_of_whoever_spawned_it() {
    let context = Context::builder().request_id("r-1").build();
    let task = context.scope(async { purlin_runtime::spawn(async { request_id() }).await });
    assert_eq!(task.await.unwrap().as_deref(), Some("r-1"));
}

#[tokio::test]
async fn the_context_follows_through_tasks_of_tasks() {
    let context = Context::builder().request_id("r-2").build();
    let inner = async { purlin_runtime::spawn(async { request_id() }).await };
    let outer = context.scope(async { purlin_runtime::spawn(inner).await });
    assert_eq!(outer.await.unwrap().unwrap().as_deref(), Some("r-2"));
}

#[tokio::test]
async fn a_task_spawned_outside_any_context_has_none() {
    assert_eq!(
        purlin_runtime::spawn(async { request_id() }).await.unwrap(),
        None
    );
}
