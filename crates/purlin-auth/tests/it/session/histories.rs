//! Random histories, thrown at a store and at a model that keeps everything in one list.

use purlin_auth::session::{SessionKey, SessionRecord, SharedSessionStore};
use purlin_base::{
    Timestamp,
    random::{OsRng, Rng, SeededRng},
};
use uuid::Uuid;

use super::suite::{after, key, of};

const USERS: [&str; 3] = ["ann", "bob", "cid"];

/// What a store must be like, said as simply as can be.
#[derive(Default)]
struct Model(Vec<(SessionKey, SessionRecord)>);

impl Model {
    fn live(&mut self, now: Timestamp) -> impl Iterator<Item = &mut (SessionKey, SessionRecord)> {
        self.0.iter_mut().filter(move |entry| entry.1.is_live(now))
    }

    fn find(&mut self, key: SessionKey, now: Timestamp) -> Option<&mut SessionRecord> {
        let found = self.live(now).find(|entry| entry.0 == key);
        found.map(|entry| &mut entry.1)
    }

    fn list(&mut self, user: &str, now: Timestamp) -> Vec<SessionRecord> {
        let own = self.live(now).filter(|entry| entry.1.user == user);
        let mut own: Vec<_> = own.map(|entry| entry.1.clone()).collect();
        own.sort_by_key(|record| std::cmp::Reverse((record.last_used_at, record.public_id)));
        own
    }

    /// Takes away what `is_wanted`; how many of it were live.
    fn remove(&mut self, now: Timestamp, is_wanted: impl Fn(&SessionRecord) -> bool) -> u64 {
        let removed = self.live(now).filter(|entry| is_wanted(&entry.1)).count();
        self.0.retain(|entry| !is_wanted(&entry.1));
        removed as u64
    }
}

struct History {
    rng: SeededRng,
    store: SharedSessionStore,
    model: Model,
    keys: Vec<SessionKey>,
    ids: Vec<Uuid>,
    now: Timestamp,
}

pub(super) async fn a_random_history_is_that_of_the_model(store: SharedSessionStore) {
    let seed = seed();
    let mut history = History {
        rng: SeededRng::new(seed),
        store,
        model: Model::default(),
        keys: vec![key()],
        ids: vec![Uuid::nil()],
        now: after(0),
    };
    let mut second = 0;
    for _ in 0..400 {
        second += history.rng.below(4);
        history.now = after(second);
        history.step().await;
    }
}

/// By chance, or `PURLIN_SEED`.
#[allow(clippy::print_stdout, reason = "shown by the test that fails")]
fn seed() -> u64 {
    let given = std::env::var("PURLIN_SEED").ok();
    let given = given.and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| OsRng.next_u64());
    println!("this history is that of PURLIN_SEED={seed}");
    seed
}

impl History {
    fn any<T: Copy>(rng: &SeededRng, of: &[T]) -> T {
        // One of the last: those that are long gone are of little interest.
        let recent = &of[of.len().saturating_sub(12)..];
        recent[rng.below(recent.len() as u64) as usize]
    }

    async fn step(&mut self) {
        let (now, key) = (self.now, Self::any(&self.rng, &self.keys));
        let user = Self::any(&self.rng, &USERS);
        match self.rng.below(10) {
            0..3 => self.insert(user, key).await,
            3 => self.touch(key).await,
            4 => self.rename(key).await,
            5 => {
                let data = self.rng.below(100).to_string();
                let changed = self.store.set_data(key, &data, now).await.unwrap();
                let expected = self.model.find(key, now).map(|record| record.data = data);
                assert_eq!(changed, expected.is_some());
            }
            6 => {
                self.store.remove(key).await.unwrap();
                self.model.0.retain(|entry| entry.0 != key);
            }
            7 => {
                let id = Self::any(&self.rng, &self.ids);
                let removed = self.store.remove_listed(user, id, now).await.unwrap();
                let is_wanted = |r: &SessionRecord| r.user == user && r.public_id == id;
                assert_eq!(u64::from(removed), self.model.remove(now, is_wanted));
            }
            8 => self.set_roles(user).await,
            _ => self.remove_all(user).await,
        }
        self.compare(key, user).await;
    }

    async fn compare(&mut self, key: SessionKey, user: &str) {
        let found = self.store.find(key, self.now).await.unwrap();
        assert_eq!(found.as_ref(), self.model.find(key, self.now).as_deref());
        let listed = self.store.list(user, self.now).await.unwrap();
        assert_eq!(listed, self.model.list(user, self.now));
    }

    async fn insert(&mut self, user: &str, old: SessionKey) {
        let (old, new) = ((self.rng.below(2) == 0).then_some(old), key());
        let record = SessionRecord {
            last_used_at: self.now,
            created_at: self.now,
            expires_at: after_more(self.now, 1 + self.rng.below(60)),
            ..of(user)
        };
        let inserted = self.store.insert(old, new, &record, self.now).await;
        inserted.unwrap();
        self.model.0.retain(|entry| Some(entry.0) != old);
        self.ids.push(record.public_id);
        self.keys.push(new);
        self.model.0.push((new, record));
    }

    async fn touch(&mut self, key: SessionKey) {
        let (now, expires_at) = (self.now, after_more(self.now, self.rng.below(60)));
        let touched = self.store.touch(key, expires_at, now).await.unwrap();
        let expected = self.model.find(key, now).map(|record| {
            record.last_used_at = now;
            record.expires_at = record.expires_at.max(expires_at);
        });
        assert_eq!(touched, expected.is_some());
    }

    async fn rename(&mut self, old: SessionKey) {
        let new = key();
        let moved = self.store.rename(old, new, self.now).await.unwrap();
        let mut live = self.model.live(self.now);
        let expected = live.find(|entry| entry.0 == old).map(|entry| {
            entry.0 = new;
            entry.1.clone()
        });
        assert_eq!(moved, expected);
        self.keys.push(new);
    }

    async fn set_roles(&mut self, user: &str) {
        let roles = [format!("role-{}", self.rng.below(5))];
        let changed = self.store.set_roles(user, &roles, self.now).await.unwrap();
        let own = self.model.live(self.now).filter(|e| e.1.user == user);
        let expected = own.map(|e| e.1.roles = roles.to_vec()).count();
        assert_eq!(changed, expected as u64);
    }

    async fn remove_all(&mut self, user: &str) {
        let id = Self::any(&self.rng, &self.ids);
        let except = (self.rng.below(2) == 0).then_some(id);
        let removed = self.store.remove_all(user, except, self.now).await.unwrap();
        let is_wanted = |r: &SessionRecord| r.user == user && Some(r.public_id) != except;
        assert_eq!(removed, self.model.remove(self.now, is_wanted));
    }
}

fn after_more(now: Timestamp, seconds: u64) -> Timestamp {
    now.saturating_add(std::time::Duration::from_secs(seconds))
}
