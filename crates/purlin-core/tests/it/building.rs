//! What is built, how often, and from what.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use purlin_core::{ConfigModule, Container, Named, StartError, injectable, module};

trait Mailer: Send + Sync {
    fn name(&self) -> &'static str;
}

#[injectable]
struct Smtp {}

impl Mailer for Smtp {
    fn name(&self) -> &'static str {
        "smtp"
    }
}

struct Limits(u32);
struct Pool(u32);

async fn connect(limits: Arc<Limits>, mailer: Arc<dyn Mailer>) -> Result<Pool, Infallible> {
    tokio::task::yield_now().await;
    Ok(Pool(limits.0 + mailer.name().len() as u32))
}

#[injectable]
struct Orders {
    pool: Arc<Pool>,
    mailer: Arc<dyn Mailer>,
    #[default]
    count: AtomicU32,
}

#[module(
    providers(
        Orders,
        Smtp as dyn Mailer,
        Limits = value(Limits(40)),
        Pool = factory(connect),
    ),
    exports(Orders, dyn Mailer),
)]
struct OrderModule;

#[injectable]
struct Page {
    orders: Arc<Orders>,
}

#[module(imports(OrderModule), providers(Page), exports(Page))]
struct PageModule;

#[module(imports(OrderModule, PageModule))]
struct Root;

#[tokio::test]
async fn classes_bindings_values_and_factories_are_built_from_each_other() {
    let container = Container::builder::<OrderModule>().build().await.unwrap();
    let orders = container.get::<Orders>().unwrap();
    assert_eq!(orders.pool.0, 44);
    assert_eq!(orders.mailer.name(), "smtp");
    assert_eq!(orders.count.load(Relaxed), 0);
}

#[tokio::test]
async fn a_module_that_two_import_is_built_once_and_everybody_shares_its_providers() {
    let container = Container::builder::<Root>().build().await.unwrap();
    let page = container.get::<Page>().unwrap();
    assert!(Arc::ptr_eq(
        &page.orders,
        &container.get::<Orders>().unwrap()
    ));
}

#[tokio::test]
async fn get_sees_what_the_root_sees_and_find_sees_everything() {
    let container = Container::builder::<Root>().build().await.unwrap();
    assert!(container.get::<Pool>().is_none());
    assert!(container.find::<Pool>().is_some());
    assert!(container.find::<Root>().is_none());
}

struct Store(&'static str);

#[injectable]
struct Audit {
    audit: Arc<Named<Store, ForAudit>>,
    shop: Arc<Named<Store, ForShop>>,
}

struct ForAudit;
struct ForShop;

trait Label: Send + Sync + 'static {
    const LABEL: &'static str;
}

impl Label for ForAudit {
    const LABEL: &'static str = "audit";
}

impl Label for ForShop {
    const LABEL: &'static str = "shop";
}

#[module(
    providers(Named<Store, Tag> = value(Named::new(Store(Tag::LABEL)))),
    exports(Named<Store, Tag>),
)]
struct StoreModule<Tag: Label>(std::marker::PhantomData<Tag>);

#[module(imports(StoreModule<ForAudit>, StoreModule<ForShop>), providers(Audit))]
struct AuditModule;

#[tokio::test]
async fn two_instances_of_a_generic_module_are_two_modules_told_apart_by_a_tag() {
    let container = Container::builder::<AuditModule>().build().await.unwrap();
    let audit = container.get::<Audit>().unwrap();
    assert_eq!((audit.audit.0, audit.shop.0), ("audit", "shop"));
}

struct Settings {
    mailer: &'static str,
}

fn choose(settings: Arc<Settings>) -> Result<Arc<dyn Mailer>, String> {
    match settings.mailer {
        "smtp" => Ok(Arc::new(Smtp {})),
        other => Err(format!("there is no mailer `{other}`")),
    }
}

#[module(imports(ConfigModule<Settings>), providers(dyn Mailer = factory(choose)))]
struct ChosenModule;

#[tokio::test]
async fn a_factory_may_choose_the_type_behind_a_trait_by_what_was_handed_in() {
    let settings = Settings { mailer: "smtp" };
    let builder = Container::builder::<ChosenModule>().input(settings);
    let container = builder.build().await.unwrap();
    assert_eq!(container.get::<dyn Mailer>().unwrap().name(), "smtp");
}

#[tokio::test]
async fn a_factory_that_fails_is_named_with_its_module_and_the_cause_is_kept() {
    let settings = Settings { mailer: "pigeon" };
    let builder = Container::builder::<ChosenModule>().input(settings);
    let error = builder.build().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`dyn Mailer` of `ChosenModule` could not be made"
    );
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "there is no mailer `pigeon`");
}

#[module(providers(Limits = value(panic!("out of range"))))]
struct PanicModule;

#[tokio::test]
async fn a_panic_while_building_is_an_error_like_any_other() {
    let error = Container::builder::<PanicModule>().build().await;
    let StartError::FactoryFailed { source, .. } = error.unwrap_err() else {
        panic!("expected a failed factory");
    };
    assert_eq!(source.to_string(), "it panicked: out of range");
}

#[derive(Default)]
struct Shelf(Vec<(&'static str, &'static str)>);

#[tokio::test]
async fn a_component_reaches_its_host_with_what_was_asked_for_beside_it() {
    use purlin_core::{Definition, Dep, Module, Own, Provider, Provides, check};

    struct Shop;
    impl Module for Shop {
        type Scope = (Own<Self>, ());
        fn define(definition: &mut Definition) {
            definition.provide(Provider::class().bound::<dyn Mailer>(|it: Arc<Smtp>| it));
            definition
                .component_with::<Door, (Dep<dyn Mailer>, ())>("door", |_, (mailer, ()), hosts| {
                    hosts.host::<Shelf>().0.push(("door", mailer.name()))
                });
        }
    }
    impl Provides<dyn Mailer> for Shop {}
    #[injectable]
    struct Door {}
    check::dependencies_of::<Shop, Door, _>();
    check::all::<Shop, (Dep<dyn Mailer>, ()), _>();

    let mut container = Container::builder::<Shop>().build().await.unwrap();
    let shelf = container.hosts_mut().take::<Shelf>().unwrap();
    assert_eq!(shelf.0, [("door", "smtp")]);
    assert!(container.hosts_mut().get::<Shelf>().is_none());
}

#[tokio::test]
async fn a_container_can_be_shared_and_its_builder_can_move() {
    fn shared<T: Send + Sync>(_: &T) {}
    fn moves<T: Send>(value: T) -> T {
        value
    }
    let container = moves(Container::builder::<OrderModule>().build());
    shared(&container.await.unwrap());
}
