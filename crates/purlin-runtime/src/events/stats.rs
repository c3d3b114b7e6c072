//! How many listeners there are, and who made them: what a diagnosis of leaks asks.

use std::{
    collections::{BTreeMap, HashMap},
    panic::Location,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

use purlin_base::live::{Live, LiveKind};

type Place = &'static Location<'static>;

/// Every emitter and bus that is alive.
static LIVE: Mutex<BTreeMap<u64, Weak<Meter>>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The listeners of one emitter or bus.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListenerStats {
    /// The name it was given; empty without one.
    pub name: String,
    /// Where it was made.
    pub made_at: &'static Location<'static>,
    /// Listeners that it holds now.
    pub listeners: usize,
    /// Where they were added and how many there, most first.
    pub places: Vec<(&'static Location<'static>, usize)>,
}

/// The listeners of every emitter and bus that is alive, oldest first.
///
/// # Examples
///
/// ```
/// use purlin_runtime::events::{self, EventEmitter};
///
/// let emitter = EventEmitter::builder().name("orders").build();
/// emitter.on("placed", |_: &u64| ())?;
/// let orders = events::stats().into_iter().find(|it| it.name == "orders");
/// assert_eq!(orders.map(|it| it.listeners), Some(1));
/// # Ok::<(), purlin_runtime::events::EmitError>(())
/// ```
pub fn stats() -> Vec<ListenerStats> {
    let live: Vec<_> = locked(&LIVE).values().filter_map(Weak::upgrade).collect();
    live.iter().map(|meter| meter.stats()).collect()
}

/// What one emitter or bus counts.
pub(super) struct Meter {
    number: u64,
    name: String,
    made_at: Place,
    listeners: AtomicUsize,
    places: Mutex<HashMap<Place, usize>>,
}

impl Meter {
    pub(super) fn new(name: String, made_at: Place) -> Arc<Self> {
        let meter = Arc::new(Self {
            number: NEXT.fetch_add(1, Relaxed),
            name,
            made_at,
            listeners: AtomicUsize::new(0),
            places: Mutex::default(),
        });
        locked(&LIVE).insert(meter.number, Arc::downgrade(&meter));
        meter
    }

    /// Counts a listener added at `place` for as long as the answer lives.
    pub(super) fn count(self: &Arc<Self>, place: Place) -> Counted {
        self.listeners.fetch_add(1, Relaxed);
        *locked(&self.places).entry(place).or_default() += 1;
        Counted {
            meter: Arc::clone(self),
            place,
            _alive: Live::begin_at(LiveKind::Listener, place),
        }
    }

    pub(super) fn stats(&self) -> ListenerStats {
        let places = locked(&self.places);
        let mut places: Vec<_> = places
            .iter()
            .map(|(place, count)| (*place, *count))
            .collect();
        places.sort_unstable_by_key(|(place, count)| {
            (
                usize::MAX - count,
                place.file(),
                place.line(),
                place.column(),
            )
        });
        ListenerStats {
            name: self.name.clone(),
            made_at: self.made_at,
            listeners: self.listeners.load(Relaxed),
            places,
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        locked(&LIVE).remove(&self.number);
    }
}

/// One listener that is counted.
pub(super) struct Counted {
    meter: Arc<Meter>,
    place: Place,
    /// Where a diagnosis of leaks looks.
    _alive: Live,
}

impl Counted {
    pub(super) fn place(&self) -> Place {
        self.place
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.meter.listeners.fetch_sub(1, Relaxed);
        let mut places = locked(&self.meter.places);
        if let Some(count) = places.get_mut(&self.place) {
            *count -= 1;
            if *count == 0 {
                places.remove(&self.place);
            }
        }
    }
}

/// Nothing of others' runs while one of these is held, so a poisoned one is as good as any.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
