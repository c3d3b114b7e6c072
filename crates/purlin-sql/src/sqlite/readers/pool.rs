//! What is lent and comes back: to whoever asks first, or has waited longest.

use std::{
    collections::VecDeque,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::oneshot;

/// Things of one kind, lent one to each borrower. One lock lends and one takes back: a semaphore
/// beside the list would cost several times as much.
pub(super) struct Pool<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    free: Vec<T>,
    /// Whoever waits, first come first. All wait equally long at most, so those who have given up
    /// come to the front and are forgotten there.
    waiting: VecDeque<oneshot::Sender<Loan<T>>>,
    is_closed: bool,
}

/// What asking for a loan comes to.
pub(super) enum Asked<T> {
    /// Here it is.
    Lent(Loan<T>),
    /// It comes as soon as one is free, and fails when the pool is closed.
    Later(oneshot::Receiver<Loan<T>>),
    /// Nothing is lent any more.
    Closed,
}

/// A thing on loan; it goes back when this is dropped.
pub(super) struct Loan<T> {
    thing: Option<T>,
    pool: Arc<Pool<T>>,
}

impl<T> Pool<T> {
    pub(super) fn new(free: Vec<T>) -> Arc<Self> {
        let state = Mutex::new(State {
            free,
            waiting: VecDeque::new(),
            is_closed: false,
        });
        Arc::new(Self { state })
    }

    pub(super) fn ask(self: &Arc<Self>) -> Asked<T> {
        let mut state = self.state();
        if let Some(thing) = state.free.pop() {
            return Asked::Lent(self.lend(thing));
        }
        if state.is_closed {
            return Asked::Closed;
        }
        while state
            .waiting
            .front()
            .is_some_and(oneshot::Sender::is_closed)
        {
            state.waiting.pop_front();
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.push_back(sender);
        Asked::Later(receiver)
    }

    /// Lends nothing more, and drops what is lent as it comes back.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let dropped = (
            std::mem::take(&mut state.free),
            std::mem::take(&mut state.waiting),
        );
        drop(state);
        drop(dropped);
    }

    fn lend(self: &Arc<Self>, thing: T) -> Loan<T> {
        Loan {
            thing: Some(thing),
            pool: Arc::clone(self),
        }
    }

    /// Gives `thing` to whoever has waited longest and still does, else keeps it.
    fn take_back(self: &Arc<Self>, mut thing: T) {
        loop {
            let mut state = self.state();
            if state.is_closed {
                drop(state);
                return drop(thing);
            }
            let Some(waiting) = state.waiting.pop_front() else {
                return state.free.push(thing);
            };
            drop(state);
            match waiting.send(self.lend(thing)) {
                Ok(()) => return,
                Err(mut back) => match back.thing.take() {
                    Some(again) => thing = again,
                    None => return,
                },
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state
            .lock()
            .expect("nothing panics while it holds the pool")
    }
}

impl<T> Deref for Loan<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.thing.as_ref().expect("it goes back only when dropped")
    }
}

impl<T> Drop for Loan<T> {
    fn drop(&mut self) {
        if let Some(thing) = self.thing.take() {
            self.pool.take_back(thing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lent(asked: Asked<u8>) -> Loan<u8> {
        match asked {
            Asked::Lent(loan) => loan,
            Asked::Later(_) => panic!("it should wait for nobody"),
            Asked::Closed => panic!("it is not closed"),
        }
    }

    fn later(asked: Asked<u8>) -> oneshot::Receiver<Loan<u8>> {
        match asked {
            Asked::Later(receiver) => receiver,
            _ => panic!("nothing is free"),
        }
    }

    #[test]
    fn who_has_waited_longest_and_still_does_is_given_what_comes_back() {
        let pool = Pool::new(vec![7]);
        let first = lent(pool.ask());
        let (gave_up, mut second, mut third) =
            (later(pool.ask()), later(pool.ask()), later(pool.ask()));
        drop(gave_up);
        drop(first);
        let second = second.try_recv().unwrap();
        assert!(*second == 7 && third.try_recv().is_err());
        drop(second);
        drop(third.try_recv().unwrap());
        assert_eq!(*lent(pool.ask()), 7);
    }

    #[test]
    fn what_was_given_to_one_who_left_meanwhile_is_not_lost() {
        let pool = Pool::new(vec![7]);
        let first = lent(pool.ask());
        let waiting = later(pool.ask());
        drop(first);
        drop(waiting);
        assert_eq!(*lent(pool.ask()), 7);
    }

    #[test]
    fn those_who_gave_up_are_forgotten() {
        let pool = Pool::new(vec![7]);
        let _lent = lent(pool.ask());
        for _ in 0..100 {
            drop(later(pool.ask()));
        }
        assert_eq!(pool.state().waiting.len(), 1);
    }

    #[test]
    fn a_closed_pool_lends_nothing_and_keeps_nothing() {
        let counted = Arc::new(());
        let pool = Pool::new(vec![Arc::clone(&counted), Arc::clone(&counted)]);
        let Asked::Lent(loan) = pool.ask() else {
            panic!("two are free");
        };
        pool.close();
        assert_eq!(Arc::strong_count(&counted), 2);
        drop(loan);
        assert_eq!(Arc::strong_count(&counted), 1);
        assert!(matches!(pool.ask(), Asked::Closed));
    }

    #[test]
    fn a_close_tells_those_who_wait() {
        let pool = Pool::new(Vec::new());
        let mut waiting = later(pool.ask());
        pool.close();
        assert_eq!(
            waiting.try_recv().err(),
            Some(oneshot::error::TryRecvError::Closed)
        );
    }
}
