//! Jobs over HTTP, version 2.

use std::sync::Arc;

use purlin::prelude::*;

use super::{JobLookup, JobLookupError, JobView};
use crate::identity::StaffGuard;

/// Jobs over HTTP, version 2.
#[injectable]
pub struct JobController {
    jobs: Arc<JobLookup>,
}

#[controller("/api/jobs")]
#[version("2")]
#[cache_control("no-store")]
#[xml("job", "jobs")]
impl JobController {
    /// Shows how far a job is.
    ///
    /// Jobs that have ended are shown for a day; those that have failed for two weeks.
    #[get("/{id}")]
    #[guard(StaffGuard)]
    async fn read(&self, Path(id): Path<String>) -> Result<Json<JobView>, JobLookupError> {
        Ok(Json(self.jobs.find(&id).await?.into()))
    }
}
