//! A transform whose work is done on the CPU pool.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::Stream;
use purlin_base::BoxFuture;

use super::{
    Readable, Stage, StreamError, Transform,
    weight::{high_water, weight},
};
use crate::{CpuError, CpuPool};

/// A transform whose work is done on a [`CpuPool`]; made by [`Transform::on`].
///
/// One chunk is one job, and there is one job at a time, so the order stays. While a job runs, the
/// next chunk is read. A job hands back at most a high-water mark of output; what a chunk makes
/// beyond that is the next job. A transform that panics ends its pipeline alone, with
/// [`StreamError::Cpu`].
#[must_use = "a transform does nothing outside a pipeline"]
pub struct OnPool<X> {
    transform: X,
    pool: CpuPool,
}

impl<X> OnPool<X> {
    pub(super) fn new(transform: X, pool: &CpuPool) -> Self {
        Self {
            transform,
            pool: pool.clone(),
        }
    }
}

impl<X> fmt::Debug for OnPool<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnPool").finish_non_exhaustive()
    }
}

impl<'a, X> Stage<'a, X::In> for OnPool<X>
where
    X: Transform + 'static,
    X::In: Send + 'static,
    X::Out: Send + 'static,
{
    type Out = X::Out;

    fn attach(self, source: Readable<'a, X::In>) -> Readable<'a, X::Out> {
        Readable::chunks(Working {
            pool: self.pool,
            state: State::Hungry(Box::new(self.transform)),
            source: Some(source),
            next: None,
            made: VecDeque::new(),
        })
    }
}

struct Working<'a, X: Transform> {
    pool: CpuPool,
    state: State<X>,
    /// `None` once it has ended.
    source: Option<Readable<'a, X::In>>,
    /// What was read while a job ran.
    next: Option<Input<X::In>>,
    /// What came out and was not yet handed on.
    made: VecDeque<X::Out>,
}

enum State<X: Transform> {
    /// Waits for input.
    Hungry(Box<X>),
    /// Has more to give from what it took in.
    Full(Box<X>),
    Busy(BoxFuture<'static, Result<Done<X>, CpuError>>),
    /// The end has come out, or a job was lost.
    Over,
}

enum Input<T> {
    /// Nothing new: only what the transform still has.
    Rest,
    Chunk(T),
    End,
}

/// What a job hands back.
struct Done<X: Transform> {
    transform: Box<X>,
    made: VecDeque<X::Out>,
    after: After,
}

enum After {
    Hungry,
    Full,
    Failed(StreamError),
}

impl<X: Transform> Unpin for Working<'_, X> {}

impl<X> Stream for Working<'_, X>
where
    X: Transform + 'static,
    X::In: Send + 'static,
    X::Out: Send + 'static,
{
    type Item = Result<X::Out, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(chunk) = this.made.pop_front() {
                return Poll::Ready(Some(Ok(chunk)));
            }
            match std::mem::replace(&mut this.state, State::Over) {
                State::Over => return Poll::Ready(None),
                State::Full(transform) => this.begin(transform, Input::Rest),
                State::Hungry(transform) => {
                    this.state = State::Hungry(transform);
                    ready!(this.poll_input(cx))?;
                    this.feed();
                }
                State::Busy(mut job) => {
                    let Poll::Ready(done) = job.as_mut().poll(cx) else {
                        this.state = State::Busy(job);
                        if let Poll::Ready(Err(error)) = this.poll_input(cx) {
                            this.state = State::Over;
                            return Poll::Ready(Some(Err(error)));
                        }
                        return Poll::Pending;
                    };
                    this.take(done?)?;
                }
            }
        }
    }
}

impl<X> Working<'_, X>
where
    X: Transform + 'static,
    X::In: Send + 'static,
    X::Out: Send + 'static,
{
    /// Reads the next input, if none is there.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        if let (None, Some(source)) = (&self.next, &mut self.source) {
            let chunk = ready!(Pin::new(source).poll_next(cx)).transpose()?;
            if chunk.is_none() {
                self.source = None;
            }
            self.next = Some(chunk.map_or(Input::End, Input::Chunk));
        }
        Poll::Ready(Ok(()))
    }

    /// Begins a job with the input that is there; without any, the end was taken in before.
    fn feed(&mut self) {
        let state = std::mem::replace(&mut self.state, State::Over);
        if let (State::Hungry(transform), Some(input)) = (state, self.next.take()) {
            self.begin(transform, input);
        }
    }

    fn begin(&mut self, transform: Box<X>, input: Input<X::In>) {
        let job = self.pool.run("transform", move || step(transform, input));
        self.state = State::Busy(Box::pin(job));
    }

    fn take(&mut self, done: Done<X>) -> Result<(), StreamError> {
        self.made = done.made;
        self.state = match done.after {
            After::Hungry => State::Hungry(done.transform),
            After::Full => State::Full(done.transform),
            After::Failed(error) => return Err(error),
        };
        Ok(())
    }
}

/// The job: takes `input` in, and brings out at most a high-water mark.
fn step<X>(mut transform: Box<X>, input: Input<X::In>) -> Done<X>
where
    X: Transform,
    X::Out: 'static,
{
    let mut made = VecDeque::new();
    let after = fill(&mut *transform, input, &mut made);
    Done {
        transform,
        made,
        after: after.unwrap_or_else(After::Failed),
    }
}

fn fill<X>(
    transform: &mut X,
    input: Input<X::In>,
    made: &mut VecDeque<X::Out>,
) -> Result<After, StreamError>
where
    X: Transform,
    X::Out: 'static,
{
    match input {
        Input::Rest => {}
        Input::Chunk(chunk) => transform.write(chunk)?,
        Input::End => transform.end()?,
    }
    let mut held = 0;
    while let Some(chunk) = transform.read()? {
        held += weight(&chunk);
        made.push_back(chunk);
        if held >= high_water::<X::Out>() {
            return Ok(After::Full);
        }
    }
    Ok(After::Hungry)
}
