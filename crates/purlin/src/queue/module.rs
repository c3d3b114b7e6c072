//! The module of jobs.

use std::{marker::PhantomData, sync::Arc};

use purlin_base::{
    BoxError,
    id::IdMaker,
    lifecycle::{Lifecycle, StopReason},
    random::Rng,
    time::Clock,
};
use purlin_core::{
    Definition, Dep, Exported, Exports, Hosts, Injectable, Module, Own, Provider, Provides,
    Resolved,
};
use purlin_queue::{
    QueueConfig, Queues, Store, metrics::JobCounters, outbox::QueueSink, sql::SqlStore,
};
use purlin_sql::{
    Db,
    outbox::{Outbox, Relay},
};

use super::{JobsIn, QueueSettings, Workers, management};
use crate::http::ManagementTable;

/// Where the queues of an application find what they need.
pub trait Queueing: Send + Sync + 'static {
    /// The module with the settings: `ConfigModule<QueueSettings>` if they are handed in at start by
    /// [`App::input`](crate::App::input).
    type Settings: Module + Exports<QueueSettings>;

    /// The module with the database. Its schema has [`MIGRATIONS`](crate::queue::sql::MIGRATIONS)
    /// and [`OUTBOX`](crate::sql::outbox::OUTBOX) among its [`PARTS`](crate::sql::Schema::PARTS).
    type Database: Module + Exports<Db>;

    /// The module with the clock, chance, and what makes identifiers.
    type World: Module + Exports<dyn Clock> + Exports<dyn Rng> + Exports<IdMaker>;
}

/// Provides and exports [`Queues`], to add jobs to and look at, and [`Workers`], which work what
/// `processors(…)` of any module that imports this one lists.
pub struct QueueModule<Q>(PhantomData<fn() -> Q>);

impl<Q: Queueing> Module for QueueModule<Q> {
    type Scope = (
        Own<Self>,
        (
            Exported<Q::Settings>,
            (Exported<Q::Database>, (Exported<Q::World>, ())),
        ),
    );

    fn define(definition: &mut Definition) {
        definition.import::<Q::Settings>();
        definition.import::<Q::Database>();
        definition.import::<Q::World>();
        definition.provide(Provider::<JobCounters>::factory(JobCounters::new));
        definition.provide(Provider::<Queues>::factory(queues));
        definition.provide(Provider::<Workers>::factory(Workers::new).lifecycle());
        definition.provide(Provider::<Sending>::factory(sending).lifecycle());
        definition.component::<Operators>("management", Operators::attach);
        definition.export::<Queues>();
        definition.export::<Workers>();
    }
}

impl<Q: Queueing> Provides<Queues> for QueueModule<Q> {}
impl<Q: Queueing> Provides<Workers> for QueueModule<Q> {}
impl<Q: Queueing> Exports<Queues> for QueueModule<Q> {}
impl<Q: Queueing> Exports<Workers> for QueueModule<Q> {}

async fn queues(
    settings: Arc<QueueSettings>,
    db: Arc<Db>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    ids: Arc<IdMaker>,
    counters: Arc<JobCounters>,
) -> Result<Queues, BoxError> {
    let store: Arc<dyn Store> = match &settings.jobs_in {
        JobsIn::Database => Arc::new(SqlStore::new((*db).clone(), Arc::clone(&clock))),
        #[cfg(feature = "redis")]
        JobsIn::Redis { url, prefix } => {
            let options = purlin_queue::redis::RedisOptions {
                prefix: prefix.clone(),
                ids: (*ids).clone(),
            };
            Arc::new(purlin_queue::redis::RedisStore::connect(url, options).await?)
        }
    };
    let is_elsewhere = store.transactional().is_none();
    let config = QueueConfig {
        observer: Some(counters),
        outbox: is_elsewhere.then(|| Outbox::new(&db)),
        clock,
        rng,
        ids: (*ids).clone(),
        ..QueueConfig::default()
    };
    Ok(Queues::with_config(store, config))
}

/// Sends jobs that were added inside a transaction to the store that is elsewhere.
struct Sending(Option<Relay>);

fn sending(queues: Arc<Queues>, db: Arc<Db>) -> Result<Sending, BoxError> {
    if queues.config().outbox.is_none() {
        return Ok(Sending(None));
    }
    let sink = QueueSink::new(Arc::clone(queues.store()));
    let relay = Relay::builder(&db).sink(Arc::new(sink)).build()?;
    Ok(Sending(Some(relay)))
}

impl Lifecycle for Sending {
    async fn on_application_bootstrap(&self) -> Result<(), BoxError> {
        if let Some(relay) = &self.0 {
            relay.start();
        }
        Ok(())
    }

    async fn before_application_shutdown(&self, _: StopReason) -> Result<(), BoxError> {
        if let Some(relay) = &self.0 {
            relay.stop().await;
        }
        Ok(())
    }
}

/// What operators see of queues.
struct Operators {
    queues: Arc<Queues>,
}

impl Injectable for Operators {
    type Deps = (Dep<Queues>, ());

    fn build((queues, ()): Resolved<Self::Deps>) -> Self {
        Self { queues }
    }
}

impl Operators {
    fn attach(operators: Arc<Self>, (): (), hosts: &mut Hosts) {
        let router = management::router(Arc::clone(operators.queues.store()));
        hosts.host::<ManagementTable>().0.push(router);
    }
}
