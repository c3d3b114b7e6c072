//! What a guard asks, as data.

/// Whom a guard lets pass, as far as that can be said without a request.
///
/// [`Guard::rule`](super::Guard::rule) says it; tables of who may call what are made of it. It
/// decides nothing: that is [`Guard::check`](super::Guard::check).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessRule {
    /// Everybody, signed in or not.
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever has the role of this name.
    Role(&'static str),
    /// Whoever has the permission of this name.
    Permission(&'static str),
    /// Those whom the guard of this name lets pass; no more is known.
    Other(&'static str),
}
