//! 60 modules of 5 providers, wired as in `peers/nest-start.mjs`: a provider takes the one before
//! it, a module the last of the module before it. With every default layer.

// A chain of 300 types that hold one another is deeper than rustc goes by itself, whatever the
// types are; no application is wired like that.
#![recursion_limit = "1024"]

use std::{error::Error, net::Ipv4Addr, time::Instant};

use purlin::prelude::*;
use purlin_benches::serve;

/// One module after another. Every provider is a type of its own, in a Rust module of its own.
macro_rules! chain {
    ($last:ident) => {
        use $last as last;
    };
    ($before:ident $name:ident $($rest:ident)*) => {
        mod $name {
            use purlin::prelude::*;

            #[injectable]
            pub(crate) struct A {
                _before: Arc<super::$before::E>,
            }

            #[injectable]
            pub(crate) struct B {
                _before: Arc<A>,
            }

            #[injectable]
            pub(crate) struct C {
                _before: Arc<B>,
            }

            #[injectable]
            pub(crate) struct D {
                _before: Arc<C>,
            }

            #[injectable]
            pub(crate) struct E {
                _before: Arc<D>,
            }

            #[module(imports(super::$before::Whole), providers(A, B, C, D, E), exports(E))]
            pub(crate) struct Whole;
        }
        chain!($name $($rest)*);
    };
}

mod m00 {
    use purlin::prelude::*;

    #[injectable]
    pub(crate) struct A {}

    #[injectable]
    pub(crate) struct B {
        _before: Arc<A>,
    }

    #[injectable]
    pub(crate) struct C {
        _before: Arc<B>,
    }

    #[injectable]
    pub(crate) struct D {
        _before: Arc<C>,
    }

    #[injectable]
    pub(crate) struct E {
        _before: Arc<D>,
    }

    #[module(providers(A, B, C, D, E), exports(E))]
    pub(crate) struct Whole;
}

chain! {
    m00 m01 m02 m03 m04 m05 m06 m07 m08 m09
    m10 m11 m12 m13 m14 m15 m16 m17 m18 m19
    m20 m21 m22 m23 m24 m25 m26 m27 m28 m29
    m30 m31 m32 m33 m34 m35 m36 m37 m38 m39
    m40 m41 m42 m43 m44 m45 m46 m47 m48 m49
    m50 m51 m52 m53 m54 m55 m56 m57 m58 m59
}

/// Takes the last provider of the last module.
#[injectable]
struct AppController {
    _last: Arc<last::E>,
}

#[controller("/hello")]
impl AppController {
    #[get("/{name}")]
    #[public]
    async fn ready(&self) -> Json<bool> {
        Json(true)
    }
}

#[module(imports(last::Whole), controllers(AppController))]
struct AppModule;

fn main() -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    serve::runtime()?.block_on(async {
        purlin::logging::start_with("warn");
        let app = App::of::<AppModule>()
            .listen(Ipv4Addr::LOCALHOST.into(), serve::port())
            .management_port(0);
        app.run_with(|serving| serve::announce(serving.address(), since))
            .await
            .map_err(|error| error.report().into())
    })
}
