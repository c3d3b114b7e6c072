//! Runs the lifecycle hooks: in Nest's order at start, in the exact reverse at stop.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use futures_util::{FutureExt as _, future::join_all};
use purlin_base::{
    BoxError, BoxFuture,
    lifecycle::{SharedLifecycle, StopReason},
};
use tokio::sync::Mutex;

use super::Container;
use crate::{StartError, error::Panicked, plan::Plan};

/// Everything that has hooks, in the order of the start.
pub(super) struct Hooks {
    /// Members of a group run at the same time, groups one after the other.
    groups: Vec<Vec<Hooked>>,
    /// Held by whoever runs hooks, so that starts and stops never overlap.
    progress: Mutex<Progress>,
}

struct Hooked {
    provider: String,
    module: String,
    target: SharedLifecycle,
    /// Its `on_module_init` has succeeded, so it is to be stopped.
    initialised: AtomicBool,
}

/// How far the start and the stop have come. A step is counted when it begins: it never runs twice.
#[derive(Default)]
struct Progress {
    started: bool,
    stopping: bool,
    stop_steps: usize,
}

impl Hooks {
    pub(super) fn new(plan: &mut Plan, lifecycles: &[Option<SharedLifecycle>]) -> Self {
        let mut groups = Vec::new();
        for &module in &plan.order {
            for level in &plan.levels[module] {
                let hooked = level.iter().filter_map(|&at| {
                    let target = lifecycles[at].clone()?;
                    Some(Hooked::new(
                        plan,
                        module,
                        plan.nodes[at].node.name(),
                        target,
                    ))
                });
                groups.push(hooked.collect::<Vec<_>>());
            }
            if let Some(target) = plan.modules[module].lifecycle.clone() {
                let name = plan.modules[module].key.name();
                groups.push(vec![Hooked::new(plan, module, name, target)]);
            }
        }
        groups.retain(|group| !group.is_empty());
        Self {
            groups,
            progress: Mutex::default(),
        }
    }

    async fn start(&self) -> Result<(), StartError> {
        for group in &self.groups {
            run_group(group, "on_module_init", |it| {
                Box::pin(async {
                    it.target.on_module_init().await?;
                    it.initialised.store(true, Relaxed);
                    Ok(())
                })
            })
            .await?;
        }
        for group in &self.groups {
            run_group(group, "on_application_bootstrap", |it| {
                it.target.on_application_bootstrap()
            })
            .await?;
        }
        Ok(())
    }

    /// Runs the steps of the stop that have not begun yet: two rounds of hooks, then `close`, then
    /// the last round.
    async fn stop(
        &self,
        progress: &mut Progress,
        reason: StopReason,
        close: impl Future<Output = ()>,
    ) {
        progress.stopping = true;
        let count = self.groups.len();
        let mut close = Some(close);
        while progress.stop_steps <= 3 * count {
            let step = progress.stop_steps;
            progress.stop_steps += 1;
            if step == 2 * count {
                if let Some(close) = close.take() {
                    close.await;
                }
                continue;
            }
            let (round, at) = if step < 2 * count {
                (step / count, step % count)
            } else {
                (2, step - 2 * count - 1)
            };
            let group = &self.groups[count - 1 - at];
            stop_group(group, round, reason).await;
        }
    }
}

impl Hooked {
    fn new(plan: &Plan, module: usize, provider: String, target: SharedLifecycle) -> Self {
        Self {
            provider,
            module: plan.modules[module].key.name(),
            target,
            initialised: AtomicBool::new(false),
        }
    }
}

/// Runs `hook` of every member at the same time and waits for all; the first error counts.
async fn run_group<'a>(
    group: &'a [Hooked],
    name: &'static str,
    hook: impl Fn(&'a Hooked) -> BoxFuture<'a, Result<(), BoxError>>,
) -> Result<(), StartError> {
    let running = group.iter().map(|it| guarded(hook(it)));
    for (it, ended) in group.iter().zip(join_all(running).await) {
        ended.map_err(|source| StartError::HookFailed {
            hook: name,
            provider: it.provider.clone(),
            module: it.module.clone(),
            source,
        })?;
    }
    Ok(())
}

/// Runs one round of the stop; errors are logged, and the others go on.
async fn stop_group(group: &[Hooked], round: usize, reason: StopReason) {
    let stopping = group.iter().rev().filter(|it| it.initialised.load(Relaxed));
    let running = stopping.map(|it| async move {
        let (hook, ending) = match round {
            0 => ("on_module_destroy", it.target.on_module_destroy()),
            1 => (
                "before_application_shutdown",
                it.target.before_application_shutdown(reason),
            ),
            _ => (
                "on_application_shutdown",
                it.target.on_application_shutdown(reason),
            ),
        };
        if let Err(error) = guarded(ending).await {
            tracing::error!(
                hook,
                provider = it.provider,
                module = it.module,
                error,
                "a hook failed at stop"
            );
        }
    });
    join_all(running).await;
}

/// A panic in a hook is an error of that hook.
async fn guarded(hook: BoxFuture<'_, Result<(), BoxError>>) -> Result<(), BoxError> {
    let ended = AssertUnwindSafe(hook).catch_unwind().await;
    ended.unwrap_or_else(|panic| Err(Panicked::boxed(panic)))
}

impl Container {
    /// Runs `on_module_init`, then `on_application_bootstrap`, of everything that has a lifecycle.
    ///
    /// Modules farthest from the root go first; inside a module whatever others need goes first,
    /// those of one level at the same time, the module's own hooks last. Starting what is
    /// started does nothing.
    ///
    /// # Errors
    ///
    /// [`StartError::HookFailed`] with the first hook that failed, after everything that had been
    /// initialised was stopped again, in reverse; [`StartError::AlreadyStopped`].
    ///
    /// # Cancel safety
    ///
    /// After the future is dropped, [`stop`](Self::stop) stops what had been initialised.
    pub async fn start(&self) -> Result<(), StartError> {
        let mut progress = self.hooks.progress.lock().await;
        if progress.stopping {
            return Err(StartError::AlreadyStopped);
        }
        if progress.started {
            return Ok(());
        }
        // Counted as begun: after a dropped start only a stop makes sense.
        progress.started = true;
        let started = self.hooks.start().await;
        if started.is_err() {
            let reason = StopReason::StartFailed;
            self.hooks.stop(&mut progress, reason, async {}).await;
        }
        started
    }

    /// Stops everything, in the exact reverse of the start. Errors are logged, and the rest goes on.
    ///
    /// A second call waits for the first and stops nothing twice.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, the hooks that run are abandoned; the next call goes on with
    /// the ones after them.
    pub async fn stop(&self, reason: StopReason) {
        self.stop_closing(reason, async {}).await;
    }

    /// As [`stop`](Self::stop), with `close` between `before_application_shutdown` and
    /// `on_application_shutdown`: where connections are closed and jobs let go of.
    pub async fn stop_closing(&self, reason: StopReason, close: impl Future<Output = ()>) {
        let mut progress = self.hooks.progress.lock().await;
        self.hooks.stop(&mut progress, reason, close).await;
    }
}
