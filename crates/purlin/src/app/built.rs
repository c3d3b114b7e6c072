//! An application that is built, and one that serves.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use purlin_base::{lifecycle::StopReason, role::RoleSet};
use purlin_core::{Container, Graph, Shared};
use purlin_http::{
    Edge, Health, RouteInfo, Router, Server,
    guard::BearerToken,
    mount::Routed,
    openapi::{self, Document},
    server::Running,
};

use super::{AppError, management};
use crate::access::AccessMatrix;

/// An application that is built: every provider is there, no hook has run, nothing is served.
pub struct Built {
    pub(super) container: Container,
    pub(super) public_url: Option<String>,
    pub(super) health: Health,
    pub(super) edge: Edge,
    pub(super) routed: Routed,
    pub(super) routes: Vec<Arc<RouteInfo>>,
    pub(super) raw: Vec<String>,
    pub(super) management: Router,
    pub(super) management_token: Option<BearerToken>,
    pub(super) addresses: (SocketAddr, SocketAddr),
    pub(super) drain: Duration,
    pub(super) title: String,
}

impl Built {
    /// The axum router with every default layer: for tests without a socket, and for other servers.
    pub fn router(&self) -> Router {
        self.edge.router(self.routed.clone().into_router())
    }

    /// What is known of every route.
    pub fn routes(&self) -> &[Arc<RouteInfo>] {
        &self.routes
    }

    /// Who may call what. Which role includes which is said by the [`RoleSet`] that a module
    /// provides; without one each role stands alone.
    pub fn access_matrix(&self) -> AccessMatrix {
        let roles = self.find::<RoleSet>();
        let roles = roles.as_deref().cloned().unwrap_or_default();
        AccessMatrix::of(&self.routes, &self.raw, &roles)
    }

    /// The OpenAPI documents of the routes, one for each version; the management listener serves
    /// them.
    pub fn documents(&self) -> Vec<Document> {
        openapi::documents(&self.routes, &self.title)
    }

    /// The modules as data.
    pub fn graph(&self) -> Graph {
        self.container.graph()
    }

    /// The `T` of any module.
    pub fn find<T: ?Sized + Shared>(&self) -> Option<Arc<T>> {
        self.container.find()
    }

    /// Runs the start hooks, without serving: for programs that do something else, and for tests.
    ///
    /// # Errors
    ///
    /// [`AppError::Start`]; what had been started is stopped again.
    pub async fn start(&self) -> Result<(), AppError> {
        Ok(self.container.start().await?)
    }

    /// Runs the stop hooks.
    pub async fn stop(self) {
        self.container.stop(StopReason::Requested).await;
    }

    /// Listens, runs the start hooks, then serves.
    ///
    /// # Errors
    ///
    /// [`AppError`]; what had been started is stopped again.
    pub async fn serve(self) -> Result<Serving, AppError> {
        let (address, management_address) = self.addresses;
        // Before the hooks: a port that is taken is found before anything has begun to work.
        let server = Server::bind(address)
            .await?
            .management_on(management_address)
            .await?;
        let mut documents = self.documents();
        let url = self.public_url.clone();
        let url = url.unwrap_or_else(|| format!("http://{}", server.address()));
        for document in &mut documents {
            document.serve_at(&url);
        }
        let management = management(
            &self.health,
            &documents,
            self.management,
            self.management_token,
        )?;
        self.container.start().await?;
        let running = server.serve(&self.edge, &self.health, self.routed, management);
        self.health.set_ready();
        Ok(Serving {
            container: self.container,
            running,
            drain: self.drain,
        })
    }
}

/// An application that serves.
#[must_use = "dropping it stops serving at once, without the stop hooks"]
pub struct Serving {
    container: Container,
    running: Running,
    drain: Duration,
}

impl Serving {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.address()
    }

    /// Where it listens for operators.
    pub fn management_address(&self) -> Option<SocketAddr> {
        self.running.management_address()
    }

    /// The `T` of any module.
    pub fn find<T: ?Sized + Shared>(&self) -> Option<Arc<T>> {
        self.container.find()
    }

    /// Stops in Nest's order: `on_module_destroy`, `before_application_shutdown`, connections
    /// drained and closed, `on_application_shutdown`; all in the reverse of the start.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cuts every connection and leaves the remaining hooks out.
    pub async fn stop(self, reason: StopReason) {
        let Self {
            container,
            running,
            drain,
        } = self;
        let close = async {
            let drained = running.stop(drain).await;
            if drained.connections_cut > 0 || drained.tasks_left {
                tracing::warn!(?drained, "the deadline of the stop has passed");
            }
        };
        container.stop_closing(reason, close).await;
    }
}
