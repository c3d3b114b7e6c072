//! The states of a job, and what each command does in each of them.
//!
//! Everything follows from [`TABLE`]: the in-memory model reads it, and every engine is held to the
//! model by the same random histories.
//!
//! Commands marked `lease` are sent by the worker that runs the job and carry the fencing token of
//! their attempt. With a token that is not the job's newest, or in a state other than `active`,
//! they change nothing and answer [`Answer::LeaseLost`].

use std::fmt;

/// Where a job is in its life, by BullMQ's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Ready, without a priority. Taken before every prioritised job, first in, first out.
    Waiting,
    /// Ready, with a priority: the lowest number first, and within it first in, first out.
    Prioritized,
    /// Ready at a later moment.
    Delayed,
    /// A worker has it, under a lease.
    Active,
    /// Waits until its children have ended.
    WaitingChildren,
    /// Done, with a result.
    Completed,
    /// Ended without a result: the dead letters. [`FailureCause`](crate::job::FailureCause) says why.
    Failed,
}

impl State {
    /// Every state, in the order of [`TABLE`]'s columns.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Prioritized,
        Self::Delayed,
        Self::Active,
        Self::WaitingChildren,
        Self::Completed,
        Self::Failed,
    ];

    /// BullMQ's name: `waiting`, `prioritized`, `delayed`, `active`, `waiting-children`,
    /// `completed`, `failed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Prioritized => "prioritized",
            Self::Delayed => "delayed",
            Self::Active => "active",
            Self::WaitingChildren => "waiting-children",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// The state of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// A worker may take it now.
    pub const fn is_ready(self) -> bool {
        matches!(self, Self::Waiting | Self::Prioritized)
    }

    /// It has ended, and goes on only if somebody retries it.
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What can be done to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// A worker takes it: a new attempt with a new fencing token and a lease.
    Claim,
    /// `lease` The attempt succeeded.
    Complete,
    /// `lease` The attempt failed and another one follows, now or later. Counts as an attempt made.
    Retry,
    /// `lease` The attempt failed and none follows. Counts as an attempt made.
    Fail,
    /// `lease` The worker wants it again later. Does not count as an attempt.
    Snooze,
    /// `lease` The worker hands it back untouched, to its old place. Does not count as an attempt.
    Release,
    /// `lease` The worker waits for children it has added.
    AwaitChildren,
    /// `lease` Progress, a log line, new data, or the result of a step.
    Annotate,
    /// `lease` The lease is extended.
    Renew,
    /// The lease has run out: the worker crashed. Counts as a crash, not as an attempt made.
    Reap,
    /// Its time has come, or an operator does not want to wait.
    Promote,
    /// The last child it waited for has ended.
    ChildrenEnded,
    /// A child has failed whose policy fails the parent.
    ChildFailed,
    /// Somebody does not want it any more.
    Cancel,
    /// An operator moves it to the dead letters.
    Bury,
    /// An operator wants it again, from its first attempt.
    Redrive,
    /// An operator wants it gone.
    Remove,
    /// Its data, priority or delay is changed.
    Amend,
}

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Moves it to `waiting`, or `prioritized` if it has a priority.
    Ready,
    /// As [`Ready`](Self::Ready), or `delayed` if a wait was asked for.
    ReadyOrDelayed,
    /// Moves it to `active`.
    Active,
    /// Moves it to `waiting-children`, or makes it ready if no child is unfinished.
    AwaitChildren,
    /// Moves it to `completed`.
    Completed,
    /// Moves it to `failed`.
    Failed,
    /// Makes it ready at its old place; after [`CRASHES_MAX`] crashes, moves it to `failed`.
    ReadyOrPoison,
    /// The job is no more.
    Gone,
    /// Stays where it is, and the change is kept.
    Kept,
    /// Stays where it is; the worker is told with its next renewal.
    Flagged,
    /// Nothing to do: stays as it is, and that is no error.
    Nothing,
    /// Nothing is changed: the token is not that of the running attempt.
    LeaseLost,
    /// Nothing is changed: the state does not allow it.
    Refused,
}

/// Crashes of its process after which a job is taken for poison, unless its options say otherwise.
pub const CRASHES_MAX: u32 = 3;

/// One line of the table: a command, and what it does in each state of [`State::ALL`].
type Line = (Command, [Answer; 7]);

/// What each command does in each state.
#[rustfmt::skip]
pub const TABLE: [Line; 18] = {
    use Answer::{Active, AwaitChildren, Completed, Failed, Flagged, Gone, Kept, LeaseLost as Lost, Nothing, Ready,
        ReadyOrDelayed, ReadyOrPoison, Refused};
    [
    //                        waiting   prioritized delayed   active           waiting-children completed failed
    (Command::Claim,         [Active,   Active,     Refused,  Refused,         Refused,         Refused,  Refused]),
    (Command::Complete,      [Lost,     Lost,       Lost,     Completed,       Lost,            Lost,     Lost]),
    (Command::Retry,         [Lost,     Lost,       Lost,     ReadyOrDelayed,  Lost,            Lost,     Lost]),
    (Command::Fail,          [Lost,     Lost,       Lost,     Failed,          Lost,            Lost,     Lost]),
    (Command::Snooze,        [Lost,     Lost,       Lost,     ReadyOrDelayed,  Lost,            Lost,     Lost]),
    (Command::Release,       [Lost,     Lost,       Lost,     Ready,           Lost,            Lost,     Lost]),
    (Command::AwaitChildren, [Lost,     Lost,       Lost,     AwaitChildren,   Lost,            Lost,     Lost]),
    (Command::Annotate,      [Lost,     Lost,       Lost,     Kept,            Lost,            Lost,     Lost]),
    (Command::Renew,         [Lost,     Lost,       Lost,     Kept,            Lost,            Lost,     Lost]),
    (Command::Reap,          [Nothing,  Nothing,    Nothing,  ReadyOrPoison,   Nothing,         Nothing,  Nothing]),
    (Command::Promote,       [Refused,  Refused,    Ready,    Refused,         Refused,         Refused,  Refused]),
    (Command::ChildrenEnded, [Nothing,  Nothing,    Nothing,  Nothing,         ReadyOrDelayed,  Nothing,  Nothing]),
    (Command::ChildFailed,   [Nothing,  Nothing,    Nothing,  Nothing,         Failed,          Nothing,  Nothing]),
    (Command::Cancel,        [Failed,   Failed,     Failed,   Flagged,         Failed,          Refused,  Refused]),
    (Command::Bury,          [Failed,   Failed,     Failed,   Refused,         Failed,          Refused,  Refused]),
    (Command::Redrive,       [Refused,  Refused,    Refused,  Refused,         Refused,         Ready,    Ready]),
    (Command::Remove,        [Gone,     Gone,       Gone,     Refused,         Gone,            Gone,     Gone]),
    (Command::Amend,         [Kept,     Kept,       Kept,     Refused,         Kept,            Refused,  Refused]),
    ]
};

/// What `command` does to a job in `state`.
pub const fn answer(state: State, command: Command) -> Answer {
    TABLE[command as usize].1[state as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_lines_and_columns_are_where_they_are_looked_up() {
        for (at, (command, _)) in TABLE.iter().enumerate() {
            assert_eq!(*command as usize, at);
        }
        for (at, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(state as usize, at);
            assert_eq!(State::by_name(state.name()), Some(state));
        }
    }
}
