//! The graph, and that a macro is what one would have typed.

use std::sync::Arc;

use purlin_core::{
    Definition, Dep, Exported, Exports, Graph, Injectable, Module, Own, Provider, Provides,
    Resolved, check, injectable, module,
};

trait Mailer: Send + Sync {}
impl Mailer for Smtp {}

struct Limits;

#[injectable]
struct Smtp {}

async fn pool(_: Arc<Limits>) -> Result<Pool, std::io::Error> {
    Ok(Pool)
}

struct Pool;

#[module(providers(Smtp as dyn Mailer), exports(dyn Mailer))]
struct MailModule;

mod by_macro {
    use super::*;

    #[injectable]
    pub(super) struct Orders {
        mailer: Arc<dyn Mailer>,
        pool: Arc<Pool>,
    }

    #[module(
        imports(MailModule),
        providers(Limits = value(Limits), Pool = factory(pool), Orders),
        exports(Orders),
    )]
    pub(super) struct OrderModule;

    impl Orders {
        pub(super) fn parts(&self) -> (&Arc<dyn Mailer>, &Arc<Pool>) {
            (&self.mailer, &self.pool)
        }
    }
}

mod by_hand {
    use super::*;

    pub(super) struct Orders {
        mailer: Arc<dyn Mailer>,
        pool: Arc<Pool>,
    }

    impl Injectable for Orders {
        type Deps = (Dep<dyn Mailer>, (Dep<Pool>, ()));

        fn build((mailer, (pool, ())): Resolved<Self::Deps>) -> Self {
            Self { mailer, pool }
        }
    }

    impl Orders {
        pub(super) fn parts(&self) -> (&Arc<dyn Mailer>, &Arc<Pool>) {
            (&self.mailer, &self.pool)
        }
    }

    pub(super) struct OrderModule;

    impl Module for OrderModule {
        type Scope = (Own<Self>, (Exported<MailModule>, ()));

        fn define(definition: &mut Definition) {
            definition.import::<MailModule>();
            definition.provide(Provider::value(|| Limits));
            definition.provide(check::factory::<Self, Pool, _, _, _>(pool));
            definition.provide(Provider::<Orders>::class());
            definition.export::<Orders>();
        }
    }
    impl Provides<Limits> for OrderModule {}
    impl Provides<Pool> for OrderModule {}
    impl Provides<Orders> for OrderModule {}
    impl Exports<Orders> for OrderModule {}

    const _: fn() = check::dependencies_of::<OrderModule, Orders, _>;
}

#[tokio::test]
async fn a_module_by_macro_and_the_same_by_hand_are_one() {
    let by_macro = Graph::of::<by_macro::OrderModule>().unwrap();
    let by_hand = Graph::of::<by_hand::OrderModule>().unwrap();
    assert_eq!(by_macro, by_hand);
    let one = purlin_core::Container::builder::<by_macro::OrderModule>();
    let one = one.build().await.unwrap();
    let other = purlin_core::Container::builder::<by_hand::OrderModule>();
    let other = other.build().await.unwrap();
    let one = one.get::<by_macro::Orders>().unwrap();
    let other = other.get::<by_hand::Orders>().unwrap();
    assert!(!Arc::ptr_eq(one.parts().0, other.parts().0));
    assert!(!Arc::ptr_eq(one.parts().1, other.parts().1));
}

#[test]
fn the_graph_is_json_for_tools() {
    let graph = Graph::of::<by_macro::OrderModule>().unwrap();
    let json: serde_json::Value = serde_json::from_str(&graph.to_json()).unwrap();
    assert_eq!(
        json,
        serde_json::json!({ "modules": [
            {
                "name": "OrderModule",
                "imports": [1],
                "providers": [
                    { "name": "Limits", "kind": "value", "needs": [] },
                    { "name": "Pool", "kind": "factory", "needs": [
                        { "module": 0, "provider": 0, "name": "Limits" },
                    ] },
                    { "name": "Orders", "kind": "class", "needs": [
                        { "module": 1, "provider": 0, "name": "dyn Mailer" },
                        { "module": 0, "provider": 1, "name": "Pool" },
                    ] },
                ],
                "exports": ["Orders"],
            },
            {
                "name": "MailModule",
                "imports": [],
                "providers": [
                    { "name": "dyn Mailer", "kind": "class", "made": "Smtp", "needs": [] },
                ],
                "exports": ["dyn Mailer"],
            },
        ] })
    );
}

#[test]
fn the_graph_is_a_mermaid_chart_for_people() {
    let graph = Graph::of::<by_macro::OrderModule>().unwrap();
    let expected = r#"flowchart LR
  subgraph m0["OrderModule"]
    m0p0[/"Limits"/]
    m0p1["Pool"]
    m0p2["Orders"]
  end
  subgraph m1["MailModule"]
    m1p0["dyn Mailer"]
  end
  m0 -.-> m1
  m0p1 --> m0p0
  m0p2 --> m1p0
  m0p2 --> m0p1
"#;
    assert_eq!(graph.to_mermaid(), expected);
}
