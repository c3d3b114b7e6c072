//! Files on their way out: whole, in ranges, from disk or anywhere.
//!
//! | to | use |
//! | --- | --- |
//! | answer with a file | [`FileReply`] |
//! | open files below a folder, and no others | [`FileRoot`] |
//! | read from an object store | [`RangeSource`] |
//! | know what a file is | [`FileType`] |
//! | take what a caller calls a file | [`FileName`] |
//!
//! How `Range` is answered (RFC 9110 §14), behind [`Edge`](crate::Edge):
//!
//! | asked | answered |
//! | --- | --- |
//! | `bytes=0-99`, `bytes=100-`, `bytes=-50` | 206, `Content-Range`; what goes beyond the end is cut |
//! | several | joined where they overlap or lie under 80 bytes apart; one left: as above; else 206 `multipart/byteranges` |
//! | over 16 | 200 with the whole |
//! | none of them there, `-0` | 416 with `Content-Range: bytes */LENGTH` |
//! | malformed, another unit, two `Range` fields | 200 with the whole |
//! | by another method than GET | as if nothing had been asked |
//! | `If-Range` with another, weak or missing tag, or not the exact date | 200 with the whole |
//!
//! Files that came in are read by [`Upload`](crate::Upload).

mod answer;
mod body;
pub(crate) mod disposition;
mod file_name;
mod file_type;
mod range;
mod reply;
mod root;
mod source;

pub(crate) use answer::RangeRequest;
pub use file_name::FileName;
pub use file_type::FileType;
pub use reply::FileReply;
pub use root::{FileError, FileRoot};
pub use source::{ByteStream, RangeSource};
