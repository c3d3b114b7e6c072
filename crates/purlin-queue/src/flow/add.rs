//! Makes a list of jobs of a flow, parents first, and adds it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use purlin_sql::Tx;

use super::{AddedFlow, Branch, Flow, Node};
use crate::{
    Job, QueueError,
    job::Parent,
    queue::{AddedJob, Draft, Queues},
    store::{Added, Capability, NewJob},
};

impl Queues {
    /// Adds every job of a flow, all or none.
    ///
    /// # Errors
    ///
    /// [`QueueError::Flow`] if two of its jobs have one id, or it is too large or too deep;
    /// [`QueueError::NotOffered`] for a job with several parents where the engine has none; else as
    /// adding one job.
    pub async fn add_flow<J: Job>(&self, flow: Flow<J>) -> Result<AddedFlow<J>, QueueError> {
        let (jobs, homes) = self.flow_jobs(flow.into(), &[])?;
        let added = self.add_prepared(jobs).await?;
        self.added_flow(homes, added)
    }

    /// As [`add_flow`](Self::add_flow), as a part of `tx`.
    ///
    /// # Errors
    ///
    /// As [`add_flow`](Self::add_flow), and [`QueueError::NotOffered`] by a store whose jobs are not
    /// in a database of ours.
    pub async fn add_flow_within<J: Job>(
        &self,
        tx: &mut Tx,
        flow: Flow<J>,
    ) -> Result<AddedFlow<J>, QueueError> {
        let (jobs, homes) = self.flow_jobs(flow.into(), &[])?;
        let added = self.put_within(tx, jobs).await?;
        self.added_flow(homes, added)
    }

    /// The jobs below `top`, for which `parents` wait as well; and their queues.
    pub(crate) fn flow_jobs(
        &self,
        top: Branch,
        parents: &[Parent],
    ) -> Result<(Vec<NewJob>, Vec<String>), QueueError> {
        let mut list = Listing::default();
        list.visit(&top.0)?;
        list.order.reverse();
        self.check_bulk(list.order.len())?;
        let jobs = list.jobs(self)?;
        if jobs.iter().any(|job| job.parents.len() > 1) {
            self.must_offer(
                Capability::Dag,
                "give each child one parent, or let one job add the next",
            )?;
        }
        let mut jobs = jobs;
        jobs[0].parents.extend_from_slice(parents);
        let homes = jobs.iter().map(|job| job.queue.clone()).collect();
        Ok((jobs, homes))
    }

    fn added_flow<J>(
        &self,
        homes: Vec<String>,
        added: Vec<Added>,
    ) -> Result<AddedFlow<J>, QueueError> {
        let mut all = homes.iter().zip(added);
        let (home, top) = all.next().ok_or_else(empty)?;
        let job = AddedJob::new(self.queue(home)?, top);
        let others = all.map(|(home, added)| Ok(AddedJob::new(self.queue(home)?, added)));
        Ok(AddedFlow {
            job,
            others: others.collect::<Result<_, QueueError>>()?,
        })
    }
}

/// The jobs of a flow in the order of their ends: children first, and last ones first.
#[derive(Default)]
struct Listing<'a> {
    order: Vec<&'a Arc<Node>>,
    seen: HashSet<*const Node>,
}

impl<'a> Listing<'a> {
    /// No deeper than [`FLOW_DEPTH_MAX`](super::FLOW_DEPTH_MAX), by how a flow is made.
    fn visit(&mut self, node: &'a Arc<Node>) -> Result<(), QueueError> {
        if node.is_too_deep {
            let reason = format!("it is more than {} jobs deep", super::FLOW_DEPTH_MAX);
            return Err(QueueError::Flow { reason });
        }
        if !self.seen.insert(Arc::as_ptr(node)) {
            return Ok(());
        }
        for (_, child) in node.children.iter().rev() {
            self.visit(child)?;
        }
        self.order.push(node);
        Ok(())
    }

    /// The jobs, each after its parents.
    fn jobs(&self, queues: &Queues) -> Result<Vec<NewJob>, QueueError> {
        let mut at = HashMap::new();
        let mut ids = HashSet::new();
        let mut jobs = Vec::with_capacity(self.order.len());
        for node in &self.order {
            let job = node.prepare(queues)?;
            if !ids.insert((job.queue.clone(), job.id.clone())) {
                return Err(twice(&job));
            }
            at.insert(Arc::as_ptr(node), jobs.len());
            jobs.push(job);
        }
        for node in &self.order {
            let parent = &jobs[at[&Arc::as_ptr(node)]];
            let (queue, id) = (parent.queue.clone(), parent.id.clone());
            for (on_failure, child) in &node.children {
                jobs[at[&Arc::as_ptr(child)]].parents.push(Parent {
                    queue: queue.clone(),
                    id: id.clone(),
                    on_failure: *on_failure,
                });
            }
        }
        Ok(jobs)
    }
}

impl Node {
    fn prepare(&self, queues: &Queues) -> Result<NewJob, QueueError> {
        let data = self.data.clone().map_err(|reason| QueueError::Payload {
            name: self.name.to_owned(),
            reason,
        })?;
        let draft = Draft {
            queue: self.queue.clone(),
            name: self.name.to_owned(),
            version: self.version,
            data,
            options: self.options.clone(),
        };
        let mut job = draft.prepare(queues)?;
        job.awaits_children = !self.children.is_empty();
        Ok(job)
    }
}

fn twice(job: &NewJob) -> QueueError {
    let (queue, id) = (&job.queue, &job.id);
    QueueError::Flow {
        reason: format!(
            "{queue:?} would have two jobs with the id {id:?}; \
             for a child with several parents use `Flow::shared`"
        ),
    }
}

fn empty() -> QueueError {
    QueueError::Flow {
        reason: "the store answered with no job".to_owned(),
    }
}
