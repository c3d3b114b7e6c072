//! Refresh tokens: opaque, rotating, one family for each sign-in.
