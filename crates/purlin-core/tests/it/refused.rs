//! What the compiler can't see is found before anything is built.

use std::{
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use purlin_base::Classified as _;
use purlin_core::{
    ConfigModule, Container, Definition, Exported, Graph, Module, Own, Provider, injectable, module,
};

static BUILT: AtomicU32 = AtomicU32::new(0);

struct First;

#[injectable]
struct Hen {
    _egg: Arc<Egg>,
}

#[injectable]
struct Egg {
    _nest: Arc<Nest>,
}

#[injectable]
struct Nest {
    _hen: Arc<Hen>,
}

#[module(providers(First = value({ BUILT.fetch_add(1, Relaxed); First }), Hen, Egg, Nest))]
struct FarmModule;

#[module(imports(FarmModule))]
struct Root;

#[tokio::test]
async fn a_circle_of_providers_is_told_with_its_whole_path_before_anything_is_built() {
    let error = Container::builder::<Root>().build().await.unwrap_err();
    assert_eq!(error.code(), "START_PROVIDER_CYCLE");
    let path = "Hen (FarmModule) -> Egg (FarmModule) -> Nest (FarmModule) -> Hen (FarmModule)";
    assert!(error.to_string().contains(path), "{error}");
    assert_eq!(BUILT.load(Relaxed), 0);
}

#[module(imports(Village))]
struct Town;

#[module(imports(Country))]
struct Village;

#[module(imports(Town))]
struct Country;

#[tokio::test]
async fn a_circle_of_modules_is_told_with_its_whole_path() {
    let error = Container::builder::<Town>().build().await.unwrap_err();
    assert_eq!(error.code(), "START_MODULE_CYCLE");
    let path = "Town -> Village -> Country -> Town";
    assert!(error.to_string().contains(path), "{error}");
}

#[derive(Debug)]
struct Settings;

#[module(imports(ConfigModule<Settings>))]
struct Configured;

#[tokio::test]
async fn a_missing_input_is_named() {
    let error = Container::builder::<Configured>()
        .build()
        .await
        .unwrap_err();
    assert_eq!(error.code(), "START_INPUT_MISSING");
    assert!(error.to_string().contains("needs a `Settings`"), "{error}");
    assert!(error.source().is_none());
}

#[tokio::test]
async fn an_input_that_no_module_takes_is_named() {
    let builder = Container::builder::<Root>().input(Settings);
    let error = builder.build().await.unwrap_err();
    assert_eq!(error.code(), "START_INPUT_UNUSED");
    assert!(
        error.to_string().contains("ConfigModule<Settings>"),
        "{error}"
    );
}

#[test]
fn a_graph_can_be_drawn_without_inputs() {
    assert_eq!(Graph::of::<Configured>().unwrap().modules.len(), 2);
}

/// Says that it imports `Configured`, and does not.
struct Forgetful;

#[injectable]
struct Shop {
    _settings: Arc<Settings>,
}

impl Module for Forgetful {
    type Scope = (Own<Self>, (Exported<ConfigModule<Settings>>, ()));
    fn define(definition: &mut Definition) {
        definition.provide(Provider::<Shop>::class());
    }
}

#[tokio::test]
async fn a_module_written_by_hand_that_breaks_its_promise_does_not_start() {
    purlin_core::check::dependencies_of::<Forgetful, Shop, _>();
    let error = Container::builder::<Forgetful>().build().await.unwrap_err();
    assert_eq!(error.code(), "START_DEPENDENCY_MISSING");
    assert!(
        error
            .to_string()
            .contains("`Settings`, which `Shop` needs, is not available in `Forgetful`"),
        "{error}"
    );
}
