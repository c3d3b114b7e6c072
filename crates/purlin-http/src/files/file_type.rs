//! What a file is, by its first bytes.

use std::fmt;

/// A type of file that is known by its first bytes, whatever its name or its sender says.
///
/// The bytes show what a file begins as, no more: it may be broken, or a bomb, or two things at
/// once. Serve it with the media type found here, and decode it with bounds.
///
/// # Examples
///
/// ```
/// use purlin_http::files::FileType;
///
/// assert_eq!(FileType::of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some(FileType::Png));
/// assert_eq!(FileType::of(b"<svg onload=alert(1)>"), None);
/// assert_eq!(FileType::Png.media_type(), "image/png");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileType {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP, in its RIFF container.
    WebP,
    /// GIF, either version.
    Gif,
    /// AVIF, a still image or a sequence.
    Avif,
    /// PDF.
    Pdf,
    /// ZIP, and what is built on it: office documents, packages.
    Zip,
    /// gzip with deflate, the only method there is.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl FileType {
    /// First bytes that decide: more change nothing.
    pub const HEAD_BYTES: usize = 16;

    /// The type of a file that begins with `head`; `None` if it is none of these.
    pub fn of(head: &[u8]) -> Option<Self> {
        Some(match head {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Self::WebP,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [
                _,
                _,
                _,
                _,
                b'f',
                b't',
                b'y',
                b'p',
                b'a',
                b'v',
                b'i',
                b'f' | b's',
                ..,
            ] => Self::Avif,
            [b'%', b'P', b'D', b'F', b'-', ..] => Self::Pdf,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => return None,
        })
    }

    /// The type that a file's name claims by its last extension, in any case of letters.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        Some(match &*extension.to_ascii_lowercase() {
            "png" => Self::Png,
            "jpg" | "jpeg" => Self::Jpeg,
            "webp" => Self::WebP,
            "gif" => Self::Gif,
            "avif" => Self::Avif,
            "pdf" => Self::Pdf,
            "zip" => Self::Zip,
            "gz" => Self::Gzip,
            "zst" => Self::Zstd,
            _ => return None,
        })
    }

    /// The media type that it is served with.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
            Self::Pdf => "application/pdf",
            Self::Zip => "application/zip",
            Self::Gzip => "application/gzip",
            Self::Zstd => "application/zstd",
        }
    }
}

/// Its media type.
impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.media_type())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_known_by_its_first_bytes() {
        for (head, kind) in [
            (&b"\x89PNG\r\n\x1a\n"[..], FileType::Png),
            (b"\xff\xd8\xff\xe0", FileType::Jpeg),
            (b"RIFF\x24\0\0\0WEBPVP8 ", FileType::WebP),
            (b"GIF87a", FileType::Gif),
            (b"GIF89a", FileType::Gif),
            (b"\0\0\0\x1cftypavif", FileType::Avif),
            (b"%PDF-1.7", FileType::Pdf),
            (b"PK\x03\x04", FileType::Zip),
            (b"PK\x05\x06", FileType::Zip),
            (b"\x1f\x8b\x08", FileType::Gzip),
            (b"\x28\xb5\x2f\xfd", FileType::Zstd),
        ] {
            assert_eq!(FileType::of(head), Some(kind));
            assert!(head.len() <= FileType::HEAD_BYTES);
            // One byte less is not enough.
            assert_eq!(FileType::of(&head[..2]), None);
        }
    }

    #[test]
    fn what_only_looks_like_a_type_is_none() {
        for head in [
            &b""[..],
            b"RIFF\x24\0\0\0WAVEfmt ",
            b" \x89PNG\r\n\x1a\n",
            b"\x89PNG\n\x1a\n",
            b"GIF88a",
            b"<html>",
            b"MZ\x90\0",
        ] {
            assert_eq!(FileType::of(head), None, "{head:?}");
        }
    }
}
