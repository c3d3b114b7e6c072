//! Covers of books: taken in, made into thumbnails by a job, and shown.
//!
//! | part | what it does |
//! | --- | --- |
//! | `size`, `thumbnail` | images of each size out of one: no HTTP, no SQL |
//! | `store` | uploads and covers in the database |
//! | `job` | the job that makes thumbnails, and the one that clears away |
//! | `service` | what can be done with covers |
//! | `controller` | covers over HTTP, version 2 |
//!
//! An upload and its job are written in one transaction, and so are the thumbnails and the job's
//! end: a kill in between loses and doubles nothing.

mod controller;
mod error;
mod job;
mod service;
mod size;
mod store;
mod thumbnail;

pub use controller::CoverController;
pub use error::CoverError;
pub use job::{ClearUploads, CoverProcessor, MakeThumbnails};
pub use service::CoverService;
pub use size::CoverSize;
pub use store::{Cover, CoverStore};
pub use thumbnail::{BrokenImage, Thumbnail, thumbnails};

use purlin::prelude::*;

use crate::{
    books::BooksModule, compute::ComputeModule, identity::GuardsModule, jobs::QueuesModule,
    schema::DatabaseModule, world::WorldModule,
};

/// Covers: taken in, made, and served.
#[module(
    imports(
        BooksModule,
        ComputeModule,
        DatabaseModule,
        GuardsModule,
        QueuesModule,
        WorldModule,
    ),
    providers(CoverStore, CoverService),
    controllers(CoverController),
    processors(CoverProcessor)
)]
pub struct CoversModule;
