//! Flows: jobs that wait for others, added all or none.
//!
//! A parent waits until its children have ended, reads what they returned by
//! [`JobContext::children_values`](crate::JobContext::children_values), and may have parents itself.
//! A child may have several parents. Queues may differ.
//!
//! ```no_run
//! # use purlin_queue::{Flow, Job, QueueError, Queues};
//! # async fn example<P: Job, L: Job>(queues: Queues, print: P, layout: L, cover: L) -> Result<(), QueueError> {
//! let flow = Flow::new(print)
//!     .child(Flow::new(layout).attempts(3))
//!     .child(Flow::new(cover).priority(1));
//! let added = queues.add_flow(flow).await?;
//! println!("{} waits for {} others", added.job.id, added.others.len());
//! # Ok(()) }
//! ```

use std::{fmt, marker::PhantomData, sync::Arc};

use crate::{
    Job, JobOptions, Payload,
    queue::{AddedJob, job_option_setters},
    store::OnChildFailure,
};

mod add;
mod batch;

pub use batch::Batch;

/// Jobs from the top of a flow to its bottom, at most.
pub const FLOW_DEPTH_MAX: u32 = 100;

/// A job with the jobs that it waits for. [`Queues::add_flow`](crate::Queues::add_flow) adds it.
#[must_use = "nothing is added until `Queues::add_flow`"]
pub struct Flow<J> {
    node: Node,
    of: PhantomData<fn() -> J>,
}

/// A flow that several parents wait for: clones are the same jobs.
#[must_use = "nothing is added until a flow that it is part of is"]
pub struct SharedFlow<J> {
    node: Arc<Node>,
    of: PhantomData<fn() -> J>,
}

/// What a parent waits for: a [`Flow`] of its own, or a [`SharedFlow`].
pub struct Branch(Arc<Node>);

/// One job, and what it waits for.
struct Node {
    queue: String,
    name: &'static str,
    version: u32,
    /// Or why there is none.
    data: Result<Payload, String>,
    options: JobOptions,
    children: Vec<(OnChildFailure, Arc<Node>)>,
    /// Jobs from here to the bottom.
    depth: u32,
    is_too_deep: bool,
}

/// A flow that was added.
#[derive(Debug)]
pub struct AddedFlow<J> {
    /// The job at the top.
    pub job: AddedJob<J>,
    /// All others.
    pub others: Vec<AddedJob<()>>,
}

impl<J: Job> Flow<J> {
    /// A job that waits for nothing yet, in the queue of its type.
    pub fn new(job: J) -> Self {
        let node = Node {
            queue: J::QUEUE.to_owned(),
            name: J::NAME,
            version: J::VERSION,
            data: Payload::of(&job).map_err(|error| error.to_string()),
            options: J::options(),
            children: Vec::new(),
            depth: 1,
            is_too_deep: false,
        };
        Self {
            node,
            of: PhantomData,
        }
    }

    /// Puts the job into another queue than that of its type.
    pub fn queue(mut self, name: impl Into<String>) -> Self {
        self.node.queue = name.into();
        self
    }

    job_option_setters!();

    fn options_mut(&mut self) -> &mut JobOptions {
        &mut self.node.options
    }

    /// Waits for these too; if that job fails for good, so does this one.
    pub fn child(self, child: impl Into<Branch>) -> Self {
        self.child_with(OnChildFailure::Fail, child)
    }

    /// Waits for these too, and says what the failure of that job does to this one.
    pub fn child_with(mut self, on_failure: OnChildFailure, child: impl Into<Branch>) -> Self {
        let Branch(child) = child.into();
        let node = &mut self.node;
        // What is too deep is not nested further: dropping it would overflow the stack.
        node.is_too_deep |= child.is_too_deep || child.depth >= FLOW_DEPTH_MAX;
        if !node.is_too_deep {
            node.depth = node.depth.max(child.depth + 1);
            node.children.push((on_failure, child));
        }
        self
    }

    /// The same jobs, for several parents.
    pub fn shared(self) -> SharedFlow<J> {
        SharedFlow {
            node: Arc::new(self.node),
            of: PhantomData,
        }
    }
}

impl<J> From<Flow<J>> for Branch {
    fn from(flow: Flow<J>) -> Self {
        Self(Arc::new(flow.node))
    }
}

impl<J> From<SharedFlow<J>> for Branch {
    fn from(flow: SharedFlow<J>) -> Self {
        Self(flow.node)
    }
}

impl<J> Clone for SharedFlow<J> {
    fn clone(&self) -> Self {
        Self {
            node: Arc::clone(&self.node),
            of: PhantomData,
        }
    }
}

impl<J> fmt::Debug for Flow<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<J> fmt::Debug for SharedFlow<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl fmt::Debug for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow")
            .field("queue", &self.queue)
            .field("name", &self.name)
            .field("children", &self.children.len())
            .finish_non_exhaustive()
    }
}
