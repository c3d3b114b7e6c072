//! Who was recognised, and by what.

use std::{any::TypeId, convert::Infallible, sync::Arc};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use purlin_base::{ErrorClass, Principal};
use purlin_http::{
    csrf::CsrfBinding,
    openapi::{DescribeArgument, Operation},
};
use uuid::Uuid;

use super::AccessError;
use crate::token::VerifiedToken;

/// What proved who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proof {
    /// An access token.
    Bearer(Arc<VerifiedToken>),
    /// The session of a browser, by the identifier that may be shown: not the secret of the
    /// cookie.
    Session(Uuid),
}

/// Somebody who was recognised, and the proof.
///
/// A guard puts it into the extensions of the request. Handlers take it as an argument:
/// `Identified` refuses with 401 where nobody was recognised, `Option<Identified>` never.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Identified {
    /// Who asks, with all that their roles include.
    pub principal: Principal,
    /// What proved it.
    pub proof: Proof,
    /// What the tokens of this caller's forms are bound to. `None` for proofs that browsers do not
    /// add by themselves.
    pub(super) csrf: Option<CsrfBinding>,
    /// The authenticator that found it out; `None` until a guard has asked one.
    by: Option<TypeId>,
}

impl Identified {
    /// `principal`, proved by `proof`.
    pub fn new(principal: Principal, proof: Proof) -> Self {
        Self {
            principal,
            proof,
            csrf: None,
            by: None,
        }
    }

    /// The same, of a caller whose proof browsers add by themselves: a guard that lets it in
    /// has the route ask unsafe requests for a token that is bound to `binding`.
    pub fn guarded_by(mut self, binding: CsrfBinding) -> Self {
        self.csrf = Some(binding);
        self
    }

    /// What an earlier guard has found out by asking an authenticator of the type `A`.
    pub(super) fn known<A: ?Sized + 'static>(parts: &Parts) -> Option<&Self> {
        let known = parts.extensions.get::<Self>()?;
        (known.by == Some(TypeId::of::<A>())).then_some(known)
    }

    pub(super) fn found_by<A: ?Sized + 'static>(mut self) -> Self {
        self.by = Some(TypeId::of::<A>());
        self
    }
}

/// Equal if the same caller has shown the same proof.
impl PartialEq for Identified {
    fn eq(&self, other: &Self) -> bool {
        self.principal == other.principal && self.proof == other.proof && self.by == other.by
    }
}

impl Eq for Identified {}

impl<S: Sync> FromRequestParts<S> for Identified {
    type Rejection = purlin_http::Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let known = parts.extensions.get::<Self>().cloned();
        known.ok_or_else(|| AccessError::SignIn.into_problem())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Identified {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

impl DescribeArgument for Identified {
    fn describe(operation: &mut Operation<'_>) {
        operation.fails(ErrorClass::Unauthenticated);
    }
}
