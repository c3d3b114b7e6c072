//! Tasks that keep their context.

use purlin_base::{
    Context,
    live::{self, LiveKind},
    work::{Label, WorkKind},
};
use purlin_runtime::CpuPool;

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

#[tokio::test]
async fn a_task_works_for_what_its_caller_works_for_and_else_for_the_line_that_began_it() {
    let route = Label::route("GET", "/spawn/{id}");
    let named = async { purlin_runtime::spawn(async { Label::current() }).await };
    assert_eq!(route.scope(named).await.unwrap(), route);
    let (task, line) = (purlin_runtime::spawn(async { Label::current() }), line!());
    let label = task.await.unwrap();
    assert_eq!(label.kind(), WorkKind::Task);
    assert_eq!(*label.name(), *format!("{}:{line}", file!()));
}

#[tokio::test]
async fn a_task_is_counted_as_alive_until_it_ends_or_is_aborted() {
    let (task, line) = (purlin_runtime::spawn(std::future::pending::<()>()), line!());
    let counted = || {
        let counts = live::counts().into_iter();
        let here = |it: &live::LiveCount| {
            it.is_at(file!()) && it.place.is_some_and(|place| place.line() == line)
        };
        let count = counts.filter(|it| it.kind == LiveKind::Task).find(here);
        count.map(|it| (it.live, it.made))
    };
    assert_eq!(counted(), Some((1, 1)));
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(counted(), Some((0, 1)));
}

#[tokio::test]
async fn a_job_on_the_pool_works_for_its_caller_and_else_for_itself() {
    let pool = CpuPool::builder().threads(1).build().unwrap();
    let route = Label::route("GET", "/pool");
    let named = async { pool.run("sum", Label::current).await };
    assert_eq!(route.scope(named).await.unwrap(), route);
    assert_eq!(
        pool.run("sum", Label::current).await.unwrap(),
        Label::job("sum")
    );
}
