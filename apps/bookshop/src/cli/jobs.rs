//! `bookshop jobs`: shows and operates jobs, while others work them.

mod bulk;
mod command;
mod show;

use std::sync::Arc;

use purlin::queue::{Queue, QueueError, Queues, store::Change};

pub(super) use command::Command;

use super::{Failure, print, serve};
use crate::{jobs::QUEUES, settings::Settings};

/// Does `command` and ends.
pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    if let Command::Help = command {
        print(command::USAGE.trim_end());
        return Ok(());
    }
    purlin::logging::start_with(&settings.rust_log);
    let app = serve::app(settings)?.build().await?;
    let queues: Arc<Queues> = app.find().expect("the bookshop has queues");
    let done = perform(&queues, command).await;
    app.stop().await;
    done.map_err(refused)
}

async fn perform(queues: &Queues, command: Command) -> Result<(), QueueError> {
    match command {
        Command::Help => Ok(()),
        Command::Queues => show::queues(queues).await,
        Command::List { queue, state } => show::list(&queues.queue(queue)?, state).await,
        Command::Show { id } => show::one(&holding(queues, &id).await?, &id).await,
        Command::Workers => show::workers(queues).await,
        Command::Pause { queue } => on_each(queues, queue, true).await,
        Command::Resume { queue } => on_each(queues, queue, false).await,
        Command::Bulk { queue, bulk } => bulk::run(&queues.queue(queue)?, &bulk).await,
        Command::One { id, change } => one(queues, &id, change).await,
    }
}

/// Pauses or resumes one queue, or all.
async fn on_each(queues: &Queues, queue: Option<String>, pause: bool) -> Result<(), QueueError> {
    let names = match queue {
        Some(name) => vec![name],
        None => QUEUES.map(str::to_owned).to_vec(),
    };
    for name in names {
        let queue = queues.queue(&name)?;
        match pause {
            true => queue.pause().await?,
            false => queue.resume().await?,
        }
        print(&format!(
            "{name} {}",
            if pause { "paused" } else { "resumed" }
        ));
    }
    Ok(())
}

async fn one(queues: &Queues, id: &str, change: Change) -> Result<(), QueueError> {
    let queue = holding(queues, id).await?;
    queue.store().change(queue.name(), id, change).await?;
    show::one(&queue, id).await
}

/// The queue that the job `id` is in.
async fn holding(queues: &Queues, id: &str) -> Result<Queue, QueueError> {
    for name in QUEUES {
        let queue = queues.queue(name)?;
        if queue.job(id).await?.is_some() {
            return Ok(queue);
        }
    }
    Err(QueueError::NotFound {
        queue: QUEUES.join(", "),
        id: id.to_owned(),
    })
}

fn refused(error: QueueError) -> Failure {
    use purlin_base::Classified as _;
    Failure {
        code: if error.class().is_ours() {
            1
        } else {
            super::WRONG
        },
        message: format!("jobs: {error}"),
    }
}
