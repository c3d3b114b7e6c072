//! Sessions on the server, for browsers.
