//! Listens, serves, and stops without cutting anybody off.
//!
//! HTTP/1.1 and HTTP/2 (with prior knowledge) on one port. The bounds are those of [`Server`]
//! and of [`Edge`]; a client that is slow in sending its header is cut.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::Instant};

use crate::{Edge, Health, mount::Routed};

mod accept;
mod activity;
mod connection;
mod error;

pub use error::ServerError;

/// Listening sockets and their bounds, not yet serving.
///
/// # Examples
///
/// ```
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use purlin_http::{Edge, Health, Router, Server};
///
/// let server = Server::bind("127.0.0.1:0".parse()?).await?;
/// println!("http://{}", server.address());
/// let health = Health::new();
/// let running = server.serve(&Edge::new(), &health, Router::new(), Router::new());
/// health.set_ready();
/// // … until a signal comes …
/// let drained = running.stop(Duration::from_secs(10)).await;
/// assert_eq!(drained.connections_cut, 0);
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
/// ```
#[derive(Debug)]
pub struct Server {
    public: (TcpListener, SocketAddr),
    management: Option<(TcpListener, SocketAddr)>,
    bounds: Bounds,
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    header_timeout: Duration,
    connections_max: usize,
}

impl Server {
    /// Time for the header of a request, and between two requests of a connection.
    pub const HEADER_TIMEOUT_DEFAULT: Duration = Duration::from_secs(15);
    /// Connections at once on each listener; more wait in the system's own queue.
    pub const CONNECTIONS_MAX_DEFAULT: usize = 10_000;

    /// Listens on `address`; port 0 is any free one.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when the port is taken, or the system refuses.
    pub async fn bind(address: SocketAddr) -> Result<Self, ServerError> {
        let bounds = Bounds {
            header_timeout: Self::HEADER_TIMEOUT_DEFAULT,
            connections_max: Self::CONNECTIONS_MAX_DEFAULT,
        };
        Ok(Self {
            public: listen(address).await?,
            management: None,
            bounds,
        })
    }

    /// Listens for operators too, on `port` of this machine's loopback.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub async fn management(self, port: u16) -> Result<Self, ServerError> {
        self.management_on((Ipv4Addr::LOCALHOST, port).into()).await
    }

    /// Listens for operators too, on an address that others may reach.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub async fn management_on(mut self, address: SocketAddr) -> Result<Self, ServerError> {
        self.management = Some(listen(address).await?);
        Ok(self)
    }

    /// Time for the header of a request, and between two requests of a connection, to within a
    /// quarter. Default: 15 s.
    pub fn header_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.header_timeout = timeout;
        self
    }

    /// Connections at once on each listener, at least 1. Default: 10 000.
    pub fn connections_max(mut self, connections: usize) -> Self {
        self.bounds.connections_max = connections.max(1);
        self
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.public.1
    }

    /// Where it listens for operators, if it does.
    pub fn management_address(&self) -> Option<SocketAddr> {
        self.management.as_ref().map(|(_, address)| *address)
    }

    /// Begins to serve `public`, and `management` on the second listener if there is one, both
    /// behind `edge`. `health` turns to stopping when the stop begins; that the start is over is
    /// for the caller to say.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn serve(
        self,
        edge: &Edge,
        health: &Health,
        public: impl Into<Routed>,
        management: impl Into<Routed>,
    ) -> Running {
        let (stop, stopping) = watch::channel(None);
        let begin = |listener, routed: Routed| {
            accept::spawn(listener, edge.around(routed), self.bounds, stopping.clone())
        };
        let address = self.address();
        let management_address = self.management_address();
        let mut listeners = vec![begin(self.public.0, public.into())];
        listeners.extend(
            self.management
                .map(|(listener, _)| begin(listener, management.into())),
        );
        let (edge, health) = (edge.clone(), health.clone());
        Running {
            address,
            management_address,
            listeners,
            stop,
            edge,
            health,
        }
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServerError> {
    let fault = |source| ServerError::new(address, source);
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let bound = listener.local_addr().map_err(fault)?;
    Ok((listener, bound))
}

/// A server at work. Dropping it cuts every connection; [`stop`](Self::stop) does not.
#[derive(Debug)]
#[must_use = "dropping it stops serving at once"]
pub struct Running {
    address: SocketAddr,
    management_address: Option<SocketAddr>,
    listeners: Vec<JoinHandle<usize>>,
    stop: watch::Sender<Option<Instant>>,
    edge: Edge,
    health: Health,
}

/// What a stop came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// Connections that were still open at the deadline.
    pub connections_cut: usize,
    /// Whether handlers that outlive their callers were still running at the deadline.
    pub tasks_left: bool,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for operators, if it does.
    pub fn management_address(&self) -> Option<SocketAddr> {
        self.management_address
    }

    /// Stops: readiness turns 503, nothing new is accepted, idle connections are closed, event
    /// streams end, requests in flight are finished and their connections closed, within `deadline`; then what is left
    /// is cut.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cuts every connection at once.
    pub async fn stop(mut self, deadline: Duration) -> Drained {
        self.health.set_stopping();
        let end = Instant::now() + deadline;
        self.stop.send_replace(Some(end));
        self.edge.drain();
        let mut connections_cut = 0;
        for listener in &mut self.listeners {
            connections_cut += listener.await.unwrap_or(0);
        }
        let idle = tokio::time::timeout_at(end, self.edge.idle()).await;
        Drained {
            connections_cut,
            tasks_left: idle.is_err(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for listener in &self.listeners {
            listener.abort();
        }
    }
}
