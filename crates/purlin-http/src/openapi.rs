//! The OpenAPI 3.1 document of the routes that are mounted.
//!
//! Nothing is written twice: each extractor says by [`DescribeArgument`] what it takes and how it
//! refuses, each answer by [`DescribeReply`] what it carries, each guard by
//! [`Guard::describe`](crate::Guard::describe) whom it asks for what, each error by
//! [`Classified::classes`](purlin_base::Classified::classes) what it can be, and each type of the
//! application by schemars' `JsonSchema`, which reads the rules of garde.
//! [`#[controller]`](macro@crate::controller) puts them together for each handler;
//! [`Route::describe`](crate::Route::describe) does so by hand.
//!
//! Nothing of this is done for a request: descriptions are functions, and run when a document is
//! made. In a build with debug assertions each answer is compared with the document, and one whose
//! status the document does not name is logged as an error, target `purlin_http::openapi`.
//!
//! # Examples
//!
//! ```
//! use purlin_http::{Json, Mount, Path, Route, Routes, openapi::{self, Info}};
//!
//! let route = Route::get("/squares/{number}")
//!     .operation("square")
//!     .public()
//!     .describe(|operation| {
//!         operation.summary("The square of a number");
//!         operation.argument::<Path<u32>>().reply::<Json<u64>>();
//!     })
//!     .handler(async |Path(number): Path<u32>| Json(u64::from(number).pow(2)));
//! let mounted = Mount::new().routes(Routes::at("/").route(route)).build()?;
//! let info = Info::new("Squares", "1.0.0");
//! let document = openapi::document(mounted.routes.iter().map(|route| &**route), &info);
//! let operation = &document["paths"]["/squares/{number}"]["get"];
//! assert_eq!(operation["operationId"], "square");
//! assert_eq!(operation["parameters"][0]["schema"]["format"], "uint32");
//! assert!(operation["responses"]["404"].is_object());
//! # Ok::<(), purlin_http::mount::MountError>(())
//! ```

mod answer;
mod argument;
mod components;
mod describe;
mod description;
#[cfg(debug_assertions)]
pub(crate) mod drift;
mod formats;
mod id;
mod markdown;
mod operation;
mod parameter;
mod problem;
mod reply;
mod schemas;
mod security;
mod serve;
mod version;
mod xml;

pub use answer::Answer;
pub use describe::{DescribeArgument, DescribeReply, HasSchema};
pub use description::Description;
pub(crate) use id::{UNNAMED, check as check_ids, of as operation_id};
pub use operation::Operation;
pub use parameter::Parameter;
/// The crate whose `JsonSchema` the types of an application derive.
pub use schemars;
pub use security::SecurityScheme;
pub use serve::routes;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::RouteInfo;
use components::Components;

/// What a document says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// The name of the API.
    pub title: String,
    /// The version of the API, as its callers know it.
    pub version: String,
}

impl Info {
    /// The API `title` in its version `version`.
    pub fn new(title: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            version: version.into(),
        }
    }
}

/// One document, for one version of the API.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// The version whose routes it holds, beside those that belong to none: `v2`. `None` where no
    /// route has a version.
    pub version: Option<String>,
    /// The document.
    pub json: Value,
}

impl Document {
    /// Where it is served: `/openapi/v2.json`, or `/openapi.json` without versions.
    pub fn path(&self) -> String {
        match &self.version {
            Some(version) => format!("/openapi/{version}.json"),
            None => "/openapi.json".to_owned(),
        }
    }

    /// Says where the API is served: `https://shop.example`.
    pub fn serve_at(&mut self, url: &str) {
        self.json["servers"] = json!([{"url": url}]);
    }
}

/// One document for each version of the API `title`. Routes without a version are in all of them.
///
/// Takes a few milliseconds for some hundred routes: make it once.
pub fn documents(routes: &[Arc<RouteInfo>], title: &str) -> Vec<Document> {
    let one = |version: Option<String>| {
        let number = version.as_deref().map_or("1", |name| &name[1..]);
        let info = Info::new(title, number);
        let belongs = |info: &&RouteInfo| {
            let own = version::of(info);
            own.is_none() || own == version
        };
        let json = document(routes.iter().map(|route| &**route).filter(belongs), &info);
        Document { version, json }
    };
    version::all(routes).into_iter().map(one).collect()
}

/// The OpenAPI 3.1 document of `routes`.
pub fn document<'r>(routes: impl IntoIterator<Item = &'r RouteInfo>, info: &Info) -> Value {
    let mut components = Components::default();
    let mut paths = Map::new();
    let mut tags = Vec::new();
    for route in routes {
        let mut operation = Operation::new(route, &mut components);
        route.description.run(&mut operation);
        if route.deprecation.is_some() {
            operation.deprecated();
        }
        let item = paths
            .entry(route.template.replace("{*", "{"))
            .or_insert_with(|| json!({}));
        item[route.method.as_str().to_ascii_lowercase()] = operation.finish();
        tags.extend(id::tag(route));
    }
    tags.sort_unstable();
    tags.dedup();
    let tags: Vec<Value> = tags.into_iter().map(|tag| json!({"name": tag})).collect();
    components.complete(json!({
        "openapi": "3.1.0",
        "info": {"title": info.title, "version": info.version},
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "tags": tags,
        "paths": paths,
    }))
}
