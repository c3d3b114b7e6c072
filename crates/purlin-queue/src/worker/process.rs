//! Jobs in other processes, which may abort, overflow their stack, eat the memory or never end.

use purlin_base::BoxFuture;
use purlin_runtime::worker::process::{ProcessError, ProcessPool};

use super::{
    JobError,
    handler::{Call, Fault, Handler, write_output},
};
use crate::{Job, Payload};

/// A task in other processes: what it returns is the job's result, or why there is none.
pub(super) struct InProcess<J: Job>(pub(super) ProcessPool<J, Result<J::Output, String>>);

impl<J: Job + Sync> Handler for InProcess<J> {
    fn handle(&self, call: Call) -> BoxFuture<'static, Result<Payload, Fault>> {
        let pool = self.0.clone();
        Box::pin(async move {
            let job: J = call.decode()?;
            match pool.run(&job).await {
                Ok(outcome) => write_output::<J>(outcome.map_err(JobError::failed)),
                Err(ProcessError::Panicked { message, .. }) => Err(Fault::Panicked(message)),
                Err(error) => Err(Fault::Job(error.into())),
            }
        })
    }
}
