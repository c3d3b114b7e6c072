//! An application: its modules built, served, watched and stopped.

use std::{
    future::{Future, poll_fn},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::Request,
    middleware::{self, Next},
    response::IntoResponse,
};
use purlin_base::{ErrorClass, work::Label};
use purlin_core::{Container, ContainerBuilder, Module, Shared};
use purlin_http::{
    Edge, Health, Mount, Problem, Router, Routes, Signals, Versioning,
    docs_page::docs_page,
    guard::BearerToken,
    limit::RateLimits,
    openapi::{self, Document},
};

use crate::{
    access::AccessMatrix,
    diagnostics::{self, Diagnostics},
    http::{HealthTable, ManagementTable, RouteTable},
};

mod built;
mod error;

pub use built::{Built, Serving};
pub use error::AppError;

/// An application that is being set up.
///
/// Listens on `127.0.0.1:3000`, and for operators on `127.0.0.1:3001`, unless told otherwise.
#[must_use = "nothing happens before `run`, `serve` or `build`"]
pub struct App {
    container: ContainerBuilder,
    mount: Mount,
    management: Router,
    management_token: Option<BearerToken>,
    edge: Edge,
    diagnostics: Option<Diagnostics>,
    address: SocketAddr,
    management_address: SocketAddr,
    drain: Duration,
    title: String,
    public_url: Option<String>,
}

impl App {
    /// Where callers find the API, for its OpenAPI documents: `https://shop.example`. Default: where
    /// it listens.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// How long a stop may take, unless told otherwise.
    pub const DRAIN_DEFAULT: Duration = Duration::from_secs(9);

    /// The application whose root module is `Root`.
    pub fn of<Root: Module>() -> Self {
        Self {
            container: Container::builder::<Root>(),
            mount: Mount::new(),
            management: Router::new(),
            management_token: None,
            edge: Edge::new(),
            diagnostics: None,
            address: (Ipv4Addr::LOCALHOST, 3000).into(),
            management_address: (Ipv4Addr::LOCALHOST, 3001).into(),
            drain: Self::DRAIN_DEFAULT,
            title: title_of::<Root>(),
            public_url: None,
        }
    }

    /// Hands in the `T` of each `ConfigModule<T>`. The last one counts.
    pub fn input<T: Shared>(mut self, value: T) -> Self {
        self.container = self.container.input(value);
        self
    }

    /// As [`input`](Self::input), for a trait: `input_shared::<dyn Clock>(clock)`.
    pub fn input_shared<T: ?Sized + Shared>(mut self, value: Arc<T>) -> Self {
        self.container = self.container.input_shared(value);
        self
    }

    /// Puts `value` in the place of every provider of a `T`, for tests.
    pub fn override_value<T: ?Sized + Shared>(mut self, value: Arc<T>) -> Self {
        self.container = self.container.override_value(value);
        self
    }

    /// Merges an axum router as it is. Its routes may lack guards, so the start lists it by `name`.
    pub fn raw_router(mut self, name: &str, router: Router) -> Self {
        self.mount = self.mount.raw(name, router);
        self
    }

    /// Serves several versions of the API. Default: addresses have no version.
    pub fn versioning(mut self, versioning: Versioning) -> Self {
        self.mount = self.mount.versioning(versioning);
        self
    }

    /// Limits for everything below a path. Default: routes have their own limits alone.
    pub fn limits(mut self, limits: RateLimits) -> Self {
        self.mount = self.mount.limits(limits);
        self
    }

    /// Adds routes that belong to no module. What is said of guards holds for them.
    pub fn routes(mut self, routes: Routes) -> Self {
        self.mount = self.mount.routes(routes);
        self
    }

    /// Counts and times every route, names what holds threads up, and shows it on the management
    /// listener; see [`diagnostics`]. Default: none of it.
    pub fn diagnostics(mut self, diagnostics: Diagnostics) -> Self {
        self.diagnostics = Some(diagnostics);
        self
    }

    /// Adds to what the management listener serves.
    pub fn management_router(mut self, router: Router) -> Self {
        self.management = self.management.merge(router);
        self
    }

    /// Replaces the default layers.
    pub fn edge(mut self, edge: Edge) -> Self {
        self.edge = edge;
        self
    }

    /// Where to listen. Port 0 is any free one. Default: `127.0.0.1:3000`.
    pub fn listen(mut self, host: IpAddr, port: u16) -> Self {
        self.address = (host, port).into();
        self
    }

    /// The port for operators, on this machine's loopback. Port 0 is any free one. Default: 3001.
    pub fn management_port(mut self, port: u16) -> Self {
        self.management_address.set_port(port);
        self
    }

    /// Asks every caller of the management listener for `token`, as `Authorization: Bearer`.
    /// Default: nobody is asked, which is right on loopback only.
    pub fn management_token(mut self, token: BearerToken) -> Self {
        self.management_token = Some(token);
        self
    }

    /// What the API is called in its OpenAPI documents. Default: the name of the root module
    /// without `Module`.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// How long a stop may take before what is left is cut. Default: 9 s.
    pub fn drain(mut self, deadline: Duration) -> Self {
        self.drain = deadline;
        self
    }

    /// Builds everything and runs no hook yet: for tests and tools.
    ///
    /// # Errors
    ///
    /// [`AppError`], for the first thing that keeps the application from starting.
    pub async fn build(self) -> Result<Built, AppError> {
        // Named, so that what the parts keep is not nobody's; not watched, since nothing is served.
        let mut building = pin!(self.build_parts());
        poll_fn(|cx| {
            let _tagged = Label::task("app.build").tag();
            building.as_mut().poll(cx)
        })
        .await
    }

    async fn build_parts(self) -> Result<Built, AppError> {
        let mut container = self.container.build().await?;
        let health = Health::new();
        let indicators = container
            .hosts_mut()
            .take::<HealthTable>()
            .unwrap_or_default();
        indicators
            .0
            .into_iter()
            .for_each(|indicator| health.indicator(indicator));
        let routes = container
            .hosts_mut()
            .take::<RouteTable>()
            .unwrap_or_default();
        let mount = routes
            .into_routes()
            .into_iter()
            .fold(self.mount, Mount::routes);
        let mounted = mount.routes(health.routes()).build()?;
        for name in &mounted.raw {
            tracing::warn!(
                router = name,
                "a raw router is merged: no guard rule holds for its routes"
            );
        }
        let shown = container
            .hosts_mut()
            .take::<ManagementTable>()
            .unwrap_or_default();
        let management = shown.0.into_iter().fold(self.management, Router::merge);
        let (mut edge, mut management) = (self.edge, management);
        if let Some(diagnostics) = &self.diagnostics {
            diagnostics::collect_parts(diagnostics, &container, &mounted.routes);
            edge = diagnostics::counted(edge, diagnostics);
            management = management.merge(diagnostics::router(diagnostics));
        }
        Ok(Built {
            container,
            health,
            edge,
            routed: mounted.routed,
            routes: mounted.routes,
            raw: mounted.raw,
            title: self.title,
            public_url: self.public_url,
            management,
            management_token: self.management_token,
            addresses: (self.address, self.management_address),
            drain: self.drain,
        })
    }

    /// Who may call what, for a command that prints it: builds everything, so databases are opened,
    /// runs no start hook, and lets go of it all.
    ///
    /// ```
    /// # use purlin::prelude::*;
    /// # #[module()] pub struct AppModule;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), AppError> {
    /// let table = App::of::<AppModule>().access_matrix().await?;
    /// assert!(table.to_string().contains("/healthz"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub async fn access_matrix(self) -> Result<AccessMatrix, AppError> {
        let built = self.build().await?;
        let matrix = built.access_matrix();
        built.stop().await;
        Ok(matrix)
    }

    /// Builds everything, runs the start hooks and serves.
    ///
    /// # Errors
    ///
    /// [`AppError`]; what had been started is stopped again.
    pub async fn serve(self) -> Result<Serving, AppError> {
        self.build().await?.serve().await
    }

    /// Serves until SIGTERM or Ctrl-C, then drains and stops. A second signal ends it at once.
    ///
    /// # Errors
    ///
    /// As [`serve`](Self::serve).
    pub async fn run(self) -> Result<(), AppError> {
        self.run_with(|_| ()).await
    }

    /// As [`run`](Self::run), and calls `started` once it serves: to print where.
    ///
    /// # Errors
    ///
    /// As [`serve`](Self::serve).
    pub async fn run_with(self, started: impl FnOnce(&Serving)) -> Result<(), AppError> {
        let mut signals = Signals::listen().map_err(AppError::Signals)?;
        let serving = tokio::select! {
            serving = self.serve() => serving?,
            reason = signals.next() => {
                tracing::info!(%reason, "stopped while starting");
                return Ok(());
            }
        };
        started(&serving);
        let reason = signals.next().await;
        tracing::info!(%reason, "stopping");
        tokio::select! {
            () = serving.stop(reason) => tracing::info!("stopped"),
            reason = signals.next() => tracing::warn!(%reason, "stopped at once"),
        }
        Ok(())
    }
}

fn title_of<Root>() -> String {
    let path = std::any::type_name::<Root>();
    let name = path.rsplit("::").next().unwrap_or(path);
    match name.strip_suffix("Module") {
        Some("") | None => name.to_owned(),
        Some(short) => short.to_owned(),
    }
}

/// What the management listener serves: whether the application is well, its OpenAPI documents, the
/// page that shows them, and what was added.
fn management(
    health: &Health,
    documents: &[Document],
    added: Router,
    token: Option<BearerToken>,
) -> Result<Router, AppError> {
    let mounted = Mount::new()
        .routes(health.routes())
        .routes(openapi::routes(documents))
        .raw("docs", docs(documents))
        .raw("management", added)
        .build()?;
    Ok(match token {
        Some(token) => locked(mounted.router, token),
        None => mounted.router,
    })
}

/// The page that shows `documents`.
fn docs(documents: &[Document]) -> Router {
    let paths: Vec<(&str, String)> = documents
        .iter()
        .map(|document| {
            (
                document.version.as_deref().unwrap_or("API"),
                document.path(),
            )
        })
        .collect();
    let named: Vec<(&str, &str)> = paths.iter().map(|(name, path)| (*name, &**path)).collect();
    docs_page(&named)
}

/// Lets only those through who show `token`, to what is not there too.
fn locked(router: Router, token: BearerToken) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let is_shown = token.is_shown(request.headers());
        async move {
            if is_shown {
                return next.run(request).await;
            }
            Problem::new(ErrorClass::Unauthenticated, "MANAGEMENT_TOKEN")
                .detail("send `Authorization: Bearer` with the token of the management listener")
                .into_response()
        }
    }))
}
