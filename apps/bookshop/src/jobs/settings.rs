//! Where jobs are kept and which are worked here, out of the settings of the bookshop.

use std::sync::Arc;

use purlin::{
    prelude::*,
    queue::{JobsIn, QueueSettings, Work},
};

use crate::settings::{Settings, Switch};

/// What this process does with jobs: the command line's word, over the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// As the settings say: it works them unless `WORKERS` is off.
    #[default]
    Serves,
    /// It works those of these queues and serves nothing. None named: of all.
    Works(Vec<String>),
    /// It only looks: an import, a command.
    Looks,
}

/// Makes the settings of queues from those of the bookshop.
#[module(
    imports(ConfigModule<Settings>, ConfigModule<Role>),
    providers(QueueSettings = factory(queue_settings)),
    exports(QueueSettings)
)]
pub struct JobSettingsModule;

fn queue_settings(settings: Arc<Settings>, role: Arc<Role>) -> QueueSettings {
    QueueSettings {
        jobs_in: jobs_in(&settings),
        work: work(&settings, &role),
        lease: settings.job_lease,
        ..QueueSettings::default()
    }
}

fn work(settings: &Settings, role: &Role) -> Work {
    match role {
        Role::Works(queues) if queues.is_empty() => Work::All,
        Role::Works(queues) => Work::Only(queues.clone()),
        Role::Serves if settings.workers == Switch::On => Work::All,
        Role::Serves | Role::Looks => Work::Nothing,
    }
}

#[cfg(feature = "redis")]
fn jobs_in(settings: &Settings) -> JobsIn {
    match &settings.queue_url {
        Some(url) => JobsIn::Redis {
            url: url.clone(),
            prefix: settings.queue_prefix.clone(),
        },
        None => JobsIn::Database,
    }
}

#[cfg(not(feature = "redis"))]
fn jobs_in(_: &Settings) -> JobsIn {
    JobsIn::Database
}
