//! Tokens that are good once: to confirm an address, to set a forgotten password.
