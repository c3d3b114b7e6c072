//! Slot for ours. Exits with 3, so that the runner leaves it out, until it does what
//! `bare_axum.rs` does, by the frame:
//!
//! - `GET /hello/{name}`: a controller with an injected `HelloService`, optional layers off;
//! - `POST /books`: a `Valid<NewBook>` body, answered by `Created`;
//! - `GET /books/{id}`: the row read by `Db::read` from the file that `DB` names;
//! - listens on loopback at `PORT` (0: a free one), with the runtime of `serve::runtime`, and calls
//!   `serve::announce` once it listens.
//!
//! The same router belongs into `drive::run` under the name `ours`. A second program, `ours_start`,
//! is to hold 60 modules of 5 providers each, wired as in `peers/nest-start.mjs`.

fn main() {
    std::process::exit(purlin_benches::drive::ABSENT);
}
