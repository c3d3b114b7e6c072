//! Cases: random histories, thrown at the engine and at the model. A failure names its seed.

use std::time::Duration;

use tokio::task::JoinSet;

use super::{Subject, model::Model};
use crate::{
    kv::{Claim, SharedKeyValue, Version},
    random::{OsRng, Rng, SeededRng},
};

/// Steps of each history.
const STEPS: u32 = 600;

/// One history: chance, the keys it plays with, the engine and the model.
struct History {
    rng: SeededRng,
    keys: Vec<String>,
    store: SharedKeyValue,
    model: Model,
    /// Versions seen so far, of any key: right ones, old ones and foreign ones to expect.
    versions: Vec<Version>,
}

fn seed() -> u64 {
    let given = std::env::var("PURLIN_SEED").ok();
    let seed = given.and_then(|seed| seed.parse().ok());
    seed.unwrap_or_else(|| OsRng.next_u64())
}

#[allow(clippy::print_stdout, reason = "shown by the test that fails")]
fn say_seed(seed: u64) {
    println!("this history is that of PURLIN_SEED={seed}");
}

pub async fn a_random_history_is_that_of_the_model(subject: Subject) {
    let seed = seed();
    say_seed(seed);
    let mut history = History::new(seed, "", &subject);
    for _ in 0..STEPS {
        if history.one_in(8) {
            let by = Duration::from_millis(history.rng.below(40));
            subject.advance(by);
            history.model.now += by;
        }
        history.step().await;
    }
}

pub async fn random_histories_side_by_side_are_those_of_the_model(subject: Subject) {
    let seed = seed();
    say_seed(seed);
    let mut histories = JoinSet::new();
    for number in 0..6 {
        // Keys of its own and the store in common; no time passes, since time is common too.
        let prefix = format!("{number}:");
        let mut history = History::new(seed ^ number, &prefix, &subject);
        histories.spawn(async move {
            for _ in 0..STEPS / 4 {
                history.step().await;
                history.store.increment("shared", 1, None).await.unwrap();
            }
        });
    }
    histories.join_all().await;
    let shared = subject.store.increment("shared", 0, None).await.unwrap();
    assert_eq!(shared, 6 * i64::from(STEPS / 4), "seed {seed}");
}

impl History {
    fn new(seed: u64, prefix: &str, subject: &Subject) -> Self {
        Self {
            rng: SeededRng::new(seed),
            keys: (0..5).map(|key| format!("{prefix}{key}")).collect(),
            store: subject.store.clone(),
            model: Model::default(),
            versions: vec![Version::from_number(0)],
        }
    }

    fn one_in(&self, chances: u64) -> bool {
        self.rng.below(chances) == 0
    }

    fn key(&self) -> String {
        self.keys[self.rng.below(self.keys.len() as u64) as usize].clone()
    }

    fn value(&self) -> Vec<u8> {
        match self.rng.below(4) {
            0 => (self.rng.below(40) as i64 - 20).to_string().into_bytes(),
            1 => i64::MAX.to_string().into_bytes(),
            _ => self.rng.next_u64().to_le_bytes()[..self.rng.below(8) as usize].to_vec(),
        }
    }

    fn ttl(&self) -> Option<Duration> {
        (!self.one_in(3)).then(|| Duration::from_millis(1 + self.rng.below(100)))
    }

    /// Mostly the version that is there.
    fn version(&self, key: &str) -> Version {
        match self.model.get(key) {
            Some((_, version, _)) if !self.one_in(3) => *version,
            _ => self.versions[self.rng.below(self.versions.len() as u64) as usize],
        }
    }

    fn wrote(&mut self, key: &str, value: &[u8], version: Version, ttl: Option<Duration>) {
        assert!(
            !self.versions.contains(&version),
            "a version was given twice"
        );
        self.versions.push(version);
        self.model.put(key, value, version, ttl);
    }

    async fn step(&mut self) {
        let key = self.key();
        match self.rng.below(9) {
            0 | 1 => self.set(&key).await,
            2 => self.set_if_absent(&key).await,
            3 => self.compare_and_set(&key).await,
            4 => assert_eq!(
                self.store.delete(&key).await.unwrap(),
                self.model.remove(&key)
            ),
            5 => self.delete_if(&key).await,
            6 => self.increment(&key).await,
            7 => self.expire(&key).await,
            _ => {}
        }
        self.compare().await;
    }

    async fn set(&mut self, key: &str) {
        let (value, ttl) = (self.value(), self.ttl());
        let version = self.store.set(key, &value, ttl).await.unwrap();
        self.wrote(key, &value, version, ttl);
    }

    async fn set_if_absent(&mut self, key: &str) {
        let (value, ttl) = (self.value(), self.ttl());
        match self.store.set_if_absent(key, &value, ttl).await.unwrap() {
            Claim::Set(version) => {
                assert!(self.model.get(key).is_none(), "claimed what was there");
                self.wrote(key, &value, version, ttl);
            }
            Claim::Present(entry) => {
                let there = self.model.get(key).map(|kept| kept.1);
                assert_eq!(Some(entry.version), there);
            }
        }
    }

    async fn compare_and_set(&mut self, key: &str) {
        let (value, ttl, version) = (self.value(), self.ttl(), self.version(key));
        let right = self.model.get(key).is_some_and(|kept| kept.1 == version);
        let exchanged = self.store.compare_and_set(key, version, &value, ttl).await;
        let exchanged = exchanged.unwrap();
        assert_eq!(exchanged.is_some(), right);
        if let Some(version) = exchanged {
            self.wrote(key, &value, version, ttl);
        }
    }

    async fn delete_if(&mut self, key: &str) {
        let version = self.version(key);
        let right = self.model.get(key).is_some_and(|kept| kept.1 == version);
        assert_eq!(self.store.delete_if(key, version).await.unwrap(), right);
        if right {
            self.model.remove(key);
        }
    }

    async fn increment(&mut self, key: &str) {
        let (by, ttl) = (self.rng.below(9) as i64 - 4, self.ttl());
        let expected = self.model.sum(key, by);
        let sum = self.store.increment(key, by, ttl).await.ok();
        assert_eq!(sum, expected);
        if let Some(sum) = sum {
            let there = self.model.get(key).is_some();
            let ttl = if there { self.model.ttl_left(key) } else { ttl };
            let entry = self.store.get(key).await.unwrap().unwrap();
            self.wrote(key, sum.to_string().as_bytes(), entry.version, ttl);
        }
    }

    async fn expire(&mut self, key: &str) {
        let ttl = self.ttl();
        let found = self.store.expire(key, ttl).await.unwrap();
        assert_eq!(found, self.model.expire(key, ttl));
    }

    /// Every key, in the engine and in the model.
    async fn compare(&self) {
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        let found = self.store.get_many(&keys).await.unwrap();
        for (key, found) in keys.into_iter().zip(found) {
            let found = found.map(|entry| (entry.value.to_vec(), entry.version, entry.ttl_left));
            let expected = self.model.get(key).cloned();
            let expected = expected.map(|kept| (kept.0, kept.1, self.model.ttl_left(key)));
            assert_eq!(found, expected, "key {key}");
        }
    }
}
