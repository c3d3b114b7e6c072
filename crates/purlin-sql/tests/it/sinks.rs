//! A sink that does what a test says.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use purlin_base::BoxFuture;
use purlin_sql::outbox::{OutboxMessage, Sink, SinkError};
use tokio::sync::watch;
use uuid::Uuid;

/// What is done with one message.
pub(crate) enum Step {
    Answer(Result<(), SinkError>),
    /// Takes it, once the sink is released.
    Wait,
    /// Answers so, once the sink is released.
    WaitThen(Result<(), SinkError>),
    NoAnswer,
    Panic,
}

type Script = dyn Fn(&OutboxMessage, u32) -> Step + Send + Sync;

/// Asks its script about each message, and how often it has come, counted from 1.
pub(crate) struct Scripted {
    script: Box<Script>,
    keeps_order: bool,
    seen: Mutex<Seen>,
    begun: watch::Sender<usize>,
    released: watch::Sender<bool>,
}

#[derive(Default)]
struct Seen {
    batches: Vec<Vec<OutboxMessage>>,
    times: HashMap<Uuid, u32>,
    taken: Vec<OutboxMessage>,
}

impl Scripted {
    pub(crate) fn new(
        script: impl Fn(&OutboxMessage, u32) -> Step + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self::with(script, false))
    }

    pub(crate) fn keeping_order(
        script: impl Fn(&OutboxMessage, u32) -> Step + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self::with(script, true))
    }

    pub(crate) fn taking_all() -> Arc<Self> {
        Self::new(|_, _| Step::Answer(Ok(())))
    }

    fn with(
        script: impl Fn(&OutboxMessage, u32) -> Step + Send + Sync + 'static,
        keeps_order: bool,
    ) -> Self {
        Self {
            script: Box::new(script),
            keeps_order,
            seen: Mutex::default(),
            begun: watch::Sender::new(0),
            released: watch::Sender::new(false),
        }
    }

    /// Lets go on what waits, now and later.
    pub(crate) fn release(&self) {
        self.released.send_replace(true);
    }

    /// Waits until so many batches have come.
    pub(crate) async fn begun(&self, batches: usize) {
        let mut begun = self.begun.subscribe();
        begun.wait_for(|count| *count >= batches).await.unwrap();
    }

    pub(crate) fn batches(&self) -> Vec<Vec<OutboxMessage>> {
        self.seen.lock().unwrap().batches.clone()
    }

    /// What came, whatever was answered.
    pub(crate) fn sent(&self) -> Vec<OutboxMessage> {
        self.batches().concat()
    }

    /// The bodies of what was taken.
    pub(crate) fn taken(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.taken.iter().map(body).collect()
    }

    pub(crate) fn bodies_of(&self, key: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let of_key = |message: &&OutboxMessage| message.key.as_deref() == Some(key);
        seen.taken.iter().filter(of_key).map(body).collect()
    }

    fn note(&self, batch: &[OutboxMessage]) -> Vec<Step> {
        let mut seen = self.seen.lock().unwrap();
        seen.batches.push(batch.to_vec());
        let steps = batch.iter().map(|message| {
            let times = seen.times.entry(message.id).or_default();
            *times += 1;
            (self.script)(message, *times)
        });
        steps.collect()
    }

    async fn answer(&self, message: &OutboxMessage, step: Step) -> Option<Result<(), SinkError>> {
        let answer = match step {
            Step::Answer(answer) => answer,
            Step::Wait => {
                self.wait().await;
                Ok(())
            }
            Step::WaitThen(answer) => {
                self.wait().await;
                answer
            }
            Step::NoAnswer => return None,
            Step::Panic => panic!("as the script says"),
        };
        if answer.is_ok() {
            self.seen.lock().unwrap().taken.push(message.clone());
        }
        Some(answer)
    }

    async fn wait(&self) {
        let mut released = self.released.subscribe();
        released.wait_for(|released| *released).await.unwrap();
    }
}

fn body(message: &OutboxMessage) -> String {
    String::from_utf8(message.body.clone()).unwrap()
}

impl Sink for Scripted {
    fn name(&self) -> &str {
        "test"
    }

    fn send<'a>(&'a self, batch: &'a [OutboxMessage]) -> BoxFuture<'a, Vec<Result<(), SinkError>>> {
        Box::pin(async move {
            let steps = self.note(batch);
            self.begun.send_modify(|count| *count += 1);
            let mut answers = Vec::new();
            let mut stuck = Vec::new();
            for (message, step) in batch.iter().zip(steps) {
                let place = (&message.destination, &message.key);
                if message.key.is_some() && stuck.contains(&place) {
                    answers.push(Err(SinkError::again("one before it failed")));
                    continue;
                }
                let Some(answer) = self.answer(message, step).await else {
                    continue;
                };
                if answer.is_err() {
                    stuck.push(place);
                }
                answers.push(answer);
            }
            answers
        })
    }

    fn keeps_order(&self) -> bool {
        self.keeps_order
    }
}
