//! Names of work, each kept once, so that carrying one costs two bytes.

use std::{
    cell::Cell,
    collections::HashMap,
    fmt,
    panic::Location,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

/// What kind of work a [`Label`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum WorkKind {
    /// Work that nobody has named.
    Unnamed,
    /// A route of HTTP.
    Route,
    /// A type of job.
    Job,
    /// A kind of message.
    Message,
    /// A task, named by hand or by the line that began it.
    Task,
}

impl WorkKind {
    const COUNT: usize = 5;

    /// The kind in one word, for metrics: `route`, `job`, `message`, `task`, `unnamed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unnamed => "unnamed",
            Self::Route => "route",
            Self::Job => "job",
            Self::Message => "message",
            Self::Task => "task",
        }
    }
}

/// The name of some work. Equal names are equal labels.
///
/// There are at most [`Label::MAX`] in a process, which are never given back: make them of what is
/// written in the program (templates of routes, types of jobs), never of what callers send. A name
/// beyond the bound becomes [`Label::OTHER`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(u16);

struct Table {
    by_name: [HashMap<Arc<str>, Label>; WorkKind::COUNT],
    /// By the address of the place, so that a task that is begun costs no text.
    by_place: HashMap<usize, Label>,
    /// By number.
    names: Vec<(WorkKind, Arc<str>)>,
}

static TABLE: LazyLock<RwLock<Table>> = LazyLock::new(|| {
    RwLock::new(Table {
        by_name: Default::default(),
        by_place: HashMap::new(),
        names: vec![
            (WorkKind::Unnamed, "unnamed".into()),
            (WorkKind::Unnamed, "other".into()),
        ],
    })
});

thread_local! {
    // Needs no destructor and no first use, so that an allocator may read it at any time.
    static CURRENT: Cell<Label> = const { Cell::new(Label::NONE) };
}

impl Label {
    /// Labels in a process, the two that are always there included.
    pub const MAX: usize = 4_096;
    /// Work that nobody has named.
    pub const NONE: Self = Self(0);
    /// Work whose name came after the table was full.
    pub const OTHER: Self = Self(1);

    /// The route with this method and template: `GET /books/{id}`. An empty method is left out.
    pub fn route(method: &str, template: &str) -> Self {
        match method {
            "" => Self::named(WorkKind::Route, template),
            method => Self::named(WorkKind::Route, &format!("{method} {template}")),
        }
    }

    /// Jobs of this type.
    pub fn job(name: &str) -> Self {
        Self::named(WorkKind::Job, name)
    }

    /// Messages of this kind.
    pub fn message(name: &str) -> Self {
        Self::named(WorkKind::Message, name)
    }

    /// Tasks with this name.
    pub fn task(name: &str) -> Self {
        Self::named(WorkKind::Task, name)
    }

    /// Tasks that are begun at `place`, and named by it: `src/mail.rs:12`.
    pub fn task_at(place: &'static Location<'static>) -> Self {
        let address = std::ptr::from_ref(place).addr();
        if let Some(label) = read(|table| table.by_place.get(&address).copied()) {
            return label;
        }
        let label = Self::task(&format!("{}:{}", place.file(), place.line()));
        write(|table| {
            // Places are bounded as labels are: by what the program holds.
            if table.by_place.len() < Self::MAX {
                table.by_place.insert(address, label);
            }
        });
        label
    }

    fn named(kind: WorkKind, name: &str) -> Self {
        let known = |table: &Table| table.by_name[kind as usize].get(name).copied();
        if let Some(label) = read(known) {
            return label;
        }
        write(|table| {
            if let Some(label) = known(table) {
                return label;
            }
            if table.names.len() >= Self::MAX {
                return Self::OTHER;
            }
            let (label, name) = (Self(table.names.len() as u16), Arc::<str>::from(name));
            table.names.push((kind, Arc::clone(&name)));
            table.by_name[kind as usize].insert(name, label);
            label
        })
    }

    /// What this thread is working on. Neither waits nor allocates.
    pub fn current() -> Self {
        CURRENT.get()
    }

    /// Renames what this thread is working on, until the poll or the piece of work ends: for
    /// whoever learns the name on the way, as a router does.
    pub fn set_current(self) {
        self.replace_current();
        super::threads::rename(self);
    }

    pub(super) fn replace_current(self) -> Self {
        CURRENT.replace(self)
    }

    /// What kind of work it names.
    pub fn kind(self) -> WorkKind {
        read(|table| table.names[usize::from(self.0)].0)
    }

    /// The name.
    pub fn name(self) -> Arc<str> {
        read(|table| Arc::clone(&table.names[usize::from(self.0)].1))
    }

    /// Its number, below [`MAX`](Self::MAX): for tables with a row for each label.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Every label so far, in the order in which they were made.
    pub fn all() -> Vec<Self> {
        let count = read(|table| table.names.len());
        (0..count).map(|number| Self(number as u16)).collect()
    }

    pub(super) fn from_index(index: u16) -> Self {
        Self(index)
    }
}

/// `route GET /books/{id}`, `task src/mail.rs:12`, `unnamed`.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            WorkKind::Unnamed => f.write_str(&self.name()),
            kind => write!(f, "{} {}", kind.as_str(), self.name()),
        }
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label({self})")
    }
}

fn read<T>(look: impl FnOnce(&Table) -> T) -> T {
    look(&TABLE.read().unwrap_or_else(PoisonError::into_inner))
}

fn write<T>(change: impl FnOnce(&mut Table) -> T) -> T {
    change(&mut TABLE.write().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_label_and_another_kind_another() {
        let label = Label::route("GET", "/a/{id}");
        assert_eq!(label, Label::route("GET", "/a/{id}"));
        assert_ne!(Label::job("a"), Label::task("a"));
        assert_eq!(label.to_string(), "route GET /a/{id}");
        assert_eq!(label.kind(), WorkKind::Route);
        assert!(Label::all().contains(&label));
    }

    #[test]
    fn a_task_is_named_by_the_line_that_began_it() {
        let place = Location::caller();
        let label = Label::task_at(place);
        assert_eq!(label, Label::task_at(place));
        let expected = format!("{}:{}", file!(), place.line());
        assert_eq!(&*label.name(), expected);
    }
}
