//! What a controller is.

use std::sync::Arc;

use crate::{GuardSet, Routes};

/// A thing whose methods answer requests.
///
/// [`#[controller]`](macro@crate::controller) writes this impl; by hand it is as short:
///
/// ```
/// use std::{convert::Infallible, sync::Arc};
/// use purlin_http::{Controller, GuardSet, Json, Path, Route, Routes};
///
/// struct Greeter { word: String }
///
/// impl Controller for Greeter {
///     type Guards = ();
///
///     fn routes(this: Arc<Self>, (): ()) -> Routes {
///         let greet = Route::get("/{name}")
///             .operation("greet")
///             .public()
///             .handler(move |Path(name): Path<String>| async move {
///                 Json(format!("{} {name}", this.word))
///             });
///         Routes::at("/greetings").route(greet)
///     }
/// }
/// let routes = Greeter::routes(Arc::new(Greeter { word: "Hello".into() }), ());
/// assert_eq!(routes.info()[0].template, "/greetings/{name}");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a controller",
    note = "put `#[controller(\"/path\")]` on an `impl {Self}` block"
)]
pub trait Controller: Send + Sync + Sized + 'static {
    /// Every guard that one of the routes asks, as a type list: `(A, (B, ()))`.
    type Guards: GuardSet;

    /// What the guards are called in the compiler's messages, in the order of
    /// [`Guards`](Self::Guards); may be left empty.
    const GUARD_NAMES: &'static [&'static str] = &[];

    /// The routes of `this`. `guards` are the guards of [`Guards`](Self::Guards), each once.
    fn routes(this: Arc<Self>, guards: <Self::Guards as GuardSet>::Arcs) -> Routes;
}
