//! What diagnostics know, as metrics.

use std::time::Duration;

use super::Diagnostics;
use crate::{
    Utilization,
    memory::ProcessMemory,
    metrics::{
        Exposition,
        MetricKind::{Counter, Gauge, Histogram},
    },
    snapshot,
};

/// Bounds of the buckets of delays, in milliseconds.
const DELAY_BOUNDS_MS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

impl Diagnostics {
    pub(super) fn collect(&self, exposition: &mut Exposition) {
        self.0.requests.collect(exposition);
        self.executor(exposition);
        self.culprits(exposition);
        if let Some(memory) = ProcessMemory::now() {
            process(memory, exposition);
            heap(memory, exposition);
        }
        live(exposition);
    }

    fn executor(&self, exposition: &mut Exposition) {
        let histogram = self.0.delay.histogram();
        let at_most = DELAY_BOUNDS_MS.map(|ms| {
            let bound = Duration::from_millis(ms);
            (bound.as_secs_f64(), histogram.at_most(bound))
        });
        exposition
            .family(
                "purlin_executor_delay_seconds",
                Histogram,
                "How late a task is polled after it was woken.",
            )
            .histogram(
                &[],
                &at_most,
                histogram.count(),
                histogram.sum().as_secs_f64(),
            );
        let mut family = exposition.family(
            "purlin_executor_busy_seconds_total",
            Counter,
            "Time that each thread of the executor was not waiting for something to do.",
        );
        let used = Utilization::now(&self.0.runtime);
        for (worker, busy) in used.busy().iter().enumerate() {
            family.sample(&[("worker", &worker.to_string())], busy.as_secs_f64());
        }
        let metrics = self.0.runtime.metrics();
        let tasks = metrics.num_alive_tasks();
        exposition.single(
            "purlin_executor_tasks",
            Gauge,
            "Tasks that have not ended.",
            tasks,
        );
        let queued = metrics.global_queue_depth();
        exposition.single(
            "purlin_executor_queued",
            Gauge,
            "Tasks in the common queue.",
            queued,
        );
    }

    fn culprits(&self, exposition: &mut Exposition) {
        let culprits = self.0.watch.culprits();
        let mut family = exposition.family(
            "purlin_poll_long_total",
            Counter,
            "Polls that held their thread too long.",
        );
        for it in &culprits {
            family.sample(&[("kind", it.kind), ("name", &it.name)], it.polls);
        }
        let mut family = exposition.family(
            "purlin_poll_long_seconds_total",
            Counter,
            "Time that such polls took.",
        );
        for it in &culprits {
            family.sample(&[("kind", it.kind), ("name", &it.name)], it.total);
        }
    }
}

fn process(memory: ProcessMemory, exposition: &mut Exposition) {
    let gauges = [
        (
            "purlin_process_resident_bytes",
            "Memory of the process.",
            memory.resident,
        ),
        (
            "purlin_process_resident_peak_bytes",
            "The most memory that the process had.",
            memory.resident_peak,
        ),
        (
            "purlin_process_anonymous_bytes",
            "Memory of the process that belongs to no file.",
            memory.anonymous,
        ),
        (
            "purlin_process_threads",
            "Threads of the process.",
            memory.threads,
        ),
    ];
    for (name, help, value) in gauges {
        exposition.single(name, Gauge, help, value);
    }
    if let Some(limit) = memory.limit {
        let help = "Memory that the container may have.";
        exposition.single("purlin_process_memory_limit_bytes", Gauge, help, limit);
    }
}

fn heap(memory: ProcessMemory, exposition: &mut Exposition) {
    let Some(heap) = snapshot::heap(Some(memory)) else {
        return;
    };
    let mut family = exposition.family(
        "purlin_heap_live_bytes",
        Gauge,
        "Memory that Rust code holds, by route, job and task; estimated.",
    );
    for it in &heap.work {
        family.sample(&[("kind", it.kind), ("name", &it.name)], it.live);
    }
    let mut family = exposition.family(
        "purlin_heap_allocated_bytes_total",
        Counter,
        "Memory that Rust code allocated, by route, job and task; estimated.",
    );
    for it in &heap.work {
        family.sample(&[("kind", it.kind), ("name", &it.name)], it.allocated);
    }
    if let Some(c) = heap.c {
        exposition.single("purlin_heap_c_bytes", Gauge, "Memory that C code holds.", c);
    }
    arenas(&heap, exposition);
}

fn arenas(heap: &snapshot::Heap, exposition: &mut Exposition) {
    let mut family = exposition.family(
        "purlin_heap_arena_bytes",
        Gauge,
        "Memory that each arena of the system's allocator has taken, and how much of it is free.",
    );
    for arena in &heap.arenas {
        let number = arena.number.to_string();
        let used = arena.taken.saturating_sub(arena.free);
        family.sample(&[("arena", &number), ("state", "used")], used);
        family.sample(&[("arena", &number), ("state", "free")], arena.free);
    }
}

fn live(exposition: &mut Exposition) {
    let places = snapshot::live_places();
    let mut family = exposition.family(
        "purlin_live",
        Gauge,
        "Listeners, timers, subscriptions, entries of caches and tasks, by who made them.",
    );
    for it in &places {
        family.sample(&[("kind", it.kind), ("place", &it.place)], it.live);
    }
    let mut family = exposition.family(
        "purlin_made_total",
        Counter,
        "The same, with those that have ended.",
    );
    for it in &places {
        family.sample(&[("kind", it.kind), ("place", &it.place)], it.made);
    }
}
