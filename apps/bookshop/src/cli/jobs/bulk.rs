//! What is done to many jobs, in steps that others' work goes on between.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use purlin::queue::{
    Queue, QueueError, State,
    store::{Control, Counts},
};

use super::{super::print, command::Bulk};

/// Jobs that one step touches.
const STEP: u32 = 500;

/// Does `bulk` to `queue`, with a bar on a terminal, and says how many jobs it touched.
pub(super) async fn run(queue: &Queue, bulk: &Bulk) -> Result<(), QueueError> {
    let bar = bar(expected(&queue.counts().await?, bulk));
    let mut touched = 0;
    loop {
        let step = queue.store().control(queue.name(), control(bulk)).await?;
        touched += step;
        bar.set_position(touched);
        if step < u64::from(STEP) {
            break;
        }
    }
    bar.finish_and_clear();
    print(&format!("{touched} jobs {}", done(bulk)));
    Ok(())
}

fn control(bulk: &Bulk) -> Control {
    match *bulk {
        Bulk::Drain { delayed } => Control::Drain { delayed, max: STEP },
        Bulk::Clean { state, older } => Control::Clean {
            state,
            grace: older,
            max: STEP,
        },
        Bulk::Retry => Control::RetryAll {
            state: State::Failed,
            max: STEP,
        },
        Bulk::Promote => Control::PromoteAll { max: STEP },
        Bulk::Obliterate { force } => Control::Obliterate { force, max: STEP },
    }
}

/// How many jobs there are to touch, at most.
fn expected(counts: &Counts, bulk: &Bulk) -> u64 {
    match *bulk {
        Bulk::Drain { delayed } => {
            let later = if delayed { counts.delayed } else { 0 };
            counts.waiting + counts.prioritized + later
        }
        Bulk::Clean { state, .. } => counts.of(state),
        Bulk::Retry => counts.failed,
        Bulk::Promote => counts.delayed,
        Bulk::Obliterate { .. } => State::ALL.iter().map(|state| counts.of(*state)).sum(),
    }
}

const fn done(bulk: &Bulk) -> &'static str {
    match bulk {
        Bulk::Drain { .. } | Bulk::Clean { .. } | Bulk::Obliterate { .. } => "removed",
        Bulk::Retry => "to be run again",
        Bulk::Promote => "made ready",
    }
}

fn bar(jobs: u64) -> ProgressBar {
    let target = if io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(jobs), target);
    match ProgressStyle::with_template("{wide_bar} {pos}/{len} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
