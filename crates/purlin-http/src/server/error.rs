//! Why the server cannot listen.

use std::{io, net::SocketAddr};

use purlin_base::{Classified, ErrorClass};

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Another program listens there: stop it, or choose another port.
    #[error("{address} is in use by another program: stop it, or choose another port")]
    PortTaken {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Ports below 1024 are for the superuser: choose another port.
    #[error("this user may not listen on {address}: choose a port from 1024 on")]
    NotAllowed {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The address is none of this machine's, or the system has no more to give.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl ServerError {
    pub(super) fn new(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::PortTaken { address, source },
            io::ErrorKind::PermissionDenied => Self::NotAllowed { address, source },
            _ => Self::Listen { address, source },
        }
    }

    /// Stable name for logs and the catalogue of errors; never reworded.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PortTaken { .. } => "HTTP_PORT_TAKEN",
            Self::NotAllowed { .. } => "HTTP_PORT_NOT_ALLOWED",
            Self::Listen { .. } => "HTTP_LISTEN",
        }
    }
}

impl Classified for ServerError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Unavailable
    }

    fn code(&self) -> &'static str {
        self.code()
    }
}
