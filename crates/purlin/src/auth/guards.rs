//! The guards of `purlin_auth::access` as classes that modules list.

use purlin_auth::access::{self, Authenticator, Permission, Role, Scheme};
use purlin_core::{Dep, Injectable, Resolved};
use purlin_http::{AccessRule, Guard, GuardRequest, Problem, openapi::Operation};

/// A guard that is built from the authenticator in reach, and leaves all else to the one inside.
macro_rules! injected {
    ($(#[$doc:meta])* $name:ident<$($param:ident: $bound:ident)?>) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<$($param: $bound,)? A: ?Sized = dyn Authenticator>(
            access::$name<$($param,)? A>,
        );

        impl<$($param: $bound,)? A: Scheme + ?Sized> Injectable for $name<$($param,)? A> {
            type Deps = (Dep<A>, ());

            fn build((authenticator, ()): Resolved<Self::Deps>) -> Self {
                Self(access::$name::new(authenticator))
            }
        }

        impl<$($param: $bound,)? A: Scheme + ?Sized> Guard for $name<$($param,)? A> {
            const FIELDS: &'static [&'static str] = A::FIELDS;

            async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
                self.0.check(request).await
            }

            fn describe(operation: &mut Operation<'_>) {
                access::$name::<$($param,)? A>::describe(operation);
            }

            fn rule() -> AccessRule {
                access::$name::<$($param,)? A>::rule()
            }
        }
    };
}

injected! {
    /// [`access::VisitorGuard`] as a class: lets everybody pass, and recognises who is signed in.
    VisitorGuard<>
}

injected! {
    /// [`access::SignedInGuard`] as a class: lets whoever is signed in pass.
    SignedInGuard<>
}

injected! {
    /// [`access::RoleGuard`] as a class: lets whoever has the role `R` pass.
    RoleGuard<R: Role>
}

injected! {
    /// [`access::PermissionGuard`] as a class: lets whoever has the permission `P` pass.
    PermissionGuard<P: Permission>
}
