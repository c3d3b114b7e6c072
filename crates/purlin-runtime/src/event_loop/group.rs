//! One loop for each core.
//!
//! Each has a thread of its own and shares nothing with the others. Servers share their port: the
//! operating system hands each new connection to one of the loops (`SO_REUSEPORT`).

use std::{
    any::type_name,
    fmt, io,
    net::SocketAddr,
    panic::Location,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use super::{EventLoop, EventLoopBuilder, LoopError, LoopHandle, Outcome};

/// Makes an [`EventLoopGroup`].
#[derive(Clone, Debug)]
pub struct EventLoopGroupBuilder {
    loops: usize,
    each: EventLoopBuilder,
}

impl Default for EventLoopGroupBuilder {
    fn default() -> Self {
        Self {
            loops: thread::available_parallelism().map_or(1, usize::from),
            each: EventLoopBuilder::default(),
        }
    }
}

impl EventLoopGroupBuilder {
    /// Loops, and so threads: 1 to 1024. Default: the cores available.
    pub fn loops(mut self, loops: usize) -> Self {
        self.loops = loops;
        self
    }

    /// What is set on each loop. Its name gets a number for each.
    pub fn each(mut self, each: EventLoopBuilder) -> Self {
        self.each = each;
        self
    }

    /// Starts the loops. Each runs `main` with its number, from 0.
    ///
    /// # Errors
    ///
    /// - [`LoopError::Option`] for an option out of its bounds.
    /// - [`LoopError::Thread`] if the operating system gives no thread; the loops that were started
    ///   are stopped.
    #[track_caller]
    pub fn start<F, R>(self, main: F) -> Result<EventLoopGroup, LoopError>
    where
        F: Fn(&EventLoop, usize) -> R + Send + Sync + 'static,
        R: Outcome,
    {
        if !(1..=1_024).contains(&self.loops) {
            return Err(LoopError::Option {
                option: "loops",
                given: self.loops.to_string(),
                expected: "1 to 1024",
            });
        }
        self.each.check()?;
        let (main, place) = (Arc::new(main), Location::caller());
        let mut group = EventLoopGroup {
            members: Vec::with_capacity(self.loops),
        };
        for number in 0..self.loops {
            let each = self.each.clone().numbered(number);
            group
                .members
                .push(Member::start(each, number, Arc::clone(&main), place)?);
        }
        Ok(group)
    }
}

/// Event loops on threads of their own. Dropping the group stops them, and waits for none.
///
/// # Examples
///
/// ```
/// use {purlin_runtime::event_loop::EventLoopGroup, std::sync::mpsc};
///
/// let (send, receive) = mpsc::channel();
/// let group = EventLoopGroup::builder().loops(2).start(move |_, number| {
///     let _ = send.send(number);
/// })?;
/// assert!(group.join().iter().all(Result::is_ok));
/// assert_eq!(receive.iter().sum::<usize>(), 1);
/// # Ok::<(), purlin_runtime::event_loop::LoopError>(())
/// ```
#[derive(Debug)]
pub struct EventLoopGroup {
    members: Vec<Member>,
}

impl EventLoopGroup {
    /// Begins a group.
    pub fn builder() -> EventLoopGroupBuilder {
        EventLoopGroupBuilder::default()
    }

    /// Reaches the loops, in the order of their numbers.
    pub fn handles(&self) -> impl Iterator<Item = &LoopHandle> {
        self.members.iter().map(|member| &member.handle)
    }

    /// Tells all loops to stop.
    pub fn stop(&self) {
        for handle in self.handles() {
            handle.stop();
        }
    }

    /// Waits until every loop has ended, and says how, in the order of their numbers. Blocks this
    /// thread; does not stop the loops.
    pub fn join(mut self) -> Vec<Result<(), LoopError>> {
        let members = self.members.iter_mut();
        members
            .filter_map(|member| member.thread.take())
            .map(joined)
            .collect()
    }
}

impl Drop for EventLoopGroup {
    fn drop(&mut self) {
        self.stop();
    }
}

fn joined(thread: JoinHandle<Result<(), LoopError>>) -> Result<(), LoopError> {
    let ended = thread.join();
    ended.unwrap_or_else(|_| {
        Err(LoopError::Thread(
            io::Error::other("the thread panicked").into(),
        ))
    })
}

struct Member {
    handle: LoopHandle,
    thread: Option<JoinHandle<Result<(), LoopError>>>,
}

impl Member {
    /// A loop stays on its thread, so it is made there and only its handle comes back.
    fn start<F, R>(
        each: EventLoopBuilder,
        number: usize,
        main: Arc<F>,
        place: &'static Location<'static>,
    ) -> Result<Self, LoopError>
    where
        F: Fn(&EventLoop, usize) -> R + Send + Sync + 'static,
        R: Outcome,
    {
        let (send, made) = mpsc::sync_channel(1);
        let run = move || {
            let event_loop = match each.make() {
                Ok(event_loop) => event_loop,
                Err(error) => {
                    let _ = send.send(Err(error.clone()));
                    return Err(error);
                }
            };
            let _ = send.send(Ok(event_loop.handle()));
            let main = |event_loop: &EventLoop| main(event_loop, number);
            event_loop.run_named(main, place, type_name::<F>())
        };
        let thread = thread::Builder::new()
            .name(format!("loop-{number}"))
            .spawn(run)
            .map_err(|error| LoopError::Thread(error.into()))?;
        let handle = made.recv().unwrap_or_else(|_| {
            Err(LoopError::Thread(
                io::Error::other("the thread ended").into(),
            ))
        })?;
        Ok(Self {
            handle,
            thread: Some(thread),
        })
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}

/// Listens on `address` together with whoever else does so by this function in this process or,
/// for the same user, in another: each connection goes to one of them.
///
/// Call it in a local future of each loop of a group. With port 0 each gets a port of its own, so
/// choose the port first.
///
/// # Errors
///
/// What the operating system says: the address is taken by a listener that does not share it, or
/// may not be used.
///
/// # Panics
///
/// Outside a runtime of tokio with I/O.
#[cfg(unix)]
pub fn listen_shared(address: SocketAddr) -> io::Result<tokio::net::TcpListener> {
    let socket = if address.is_ipv4() {
        tokio::net::TcpSocket::new_v4()?
    } else {
        tokio::net::TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Connections that may wait to be accepted by one loop; the system may have a lower bound.
#[cfg(unix)]
const BACKLOG: u32 = 1_024;
