//! Images of each size out of one.

use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageReader, Limits,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    imageops::FilterType,
};
use sha2::{Digest, Sha256};

use super::CoverSize;

/// Pixels in each direction at most.
pub(super) const SIDE_MAX: u32 = 12_000;

/// Bytes that decoding may take at most: an image of 40 megapixels. A file of a few kilobytes can ask
/// for far more.
pub(super) const DECODED_BYTES_MAX: u64 = 160 * 1024 * 1024;

/// How well JPEG is written, of 100.
const JPEG_QUALITY: u8 = 85;

/// A cover of one size, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// The size.
    pub size: CoverSize,
    /// `image/png` where something is transparent, else `image/jpeg`.
    pub media_type: &'static str,
    /// A hash of the content.
    pub tag: String,
    /// The file.
    pub content: Vec<u8>,
}

/// The file is no image that can be read, or too large a one.
#[derive(Debug, thiserror::Error)]
#[error("the image cannot be read: {0}")]
pub struct BrokenImage(#[from] ImageError);

/// The image in `file` in each size, never enlarged, turned as its camera says. What else the file
/// tells (where it was taken, with what) is left out.
///
/// # Errors
///
/// [`BrokenImage`]; nothing beyond 160 MiB is allocated for it.
pub fn thumbnails(file: &[u8]) -> Result<Vec<Thumbnail>, BrokenImage> {
    let image = decode(file)?;
    let sizes = CoverSize::ALL.into_iter();
    let made = sizes.map(|size| thumbnail(&image, size));
    made.collect()
}

fn decode(file: &[u8]) -> Result<DynamicImage, ImageError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn thumbnail(image: &DynamicImage, size: CoverSize) -> Result<Thumbnail, BrokenImage> {
    let (width, height) = fitted(image.width(), image.height(), size.width_max());
    let small = if width == image.width() {
        image.clone()
    } else {
        image.resize_exact(width, height, FilterType::Lanczos3)
    };
    let (media_type, content) = encode(&small)?;
    let hash = Sha256::digest(&content);
    Ok(Thumbnail {
        size,
        media_type,
        tag: hash
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        content,
    })
}

/// `width` at most `max`, and the height that goes with it.
fn fitted(width: u32, height: u32, max: u32) -> (u32, u32) {
    if width <= max {
        return (width, height);
    }
    let fitted = u64::from(height) * u64::from(max) / u64::from(width);
    (max, u32::try_from(fitted).unwrap_or(u32::MAX).max(1))
}

fn encode(image: &DynamicImage) -> Result<(&'static str, Vec<u8>), ImageError> {
    let mut file = Vec::new();
    let (width, height) = (image.width(), image.height());
    if image.color().has_alpha() {
        let pixels = image.to_rgba8();
        let encoder = PngEncoder::new(&mut file);
        encoder.write_image(&pixels, width, height, ExtendedColorType::Rgba8)?;
        return Ok(("image/png", file));
    }
    let pixels = image.to_rgb8();
    let encoder = JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY);
    encoder.write_image(&pixels, width, height, ExtendedColorType::Rgb8)?;
    Ok(("image/jpeg", file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let image = DynamicImage::new_rgb8(width, height);
        encode_png(&image)
    }

    fn encode_png(image: &DynamicImage) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        image.write_to(&mut file, image::ImageFormat::Png).unwrap();
        file.into_inner()
    }

    fn sides(thumbnail: &Thumbnail) -> (u32, u32) {
        let image = image::load_from_memory(&thumbnail.content).unwrap();
        (image.width(), image.height())
    }

    #[test]
    fn each_size_is_as_wide_as_it_may_be_and_keeps_its_shape() {
        let made = thumbnails(&png(1200, 1800)).unwrap();
        let sides: Vec<_> = made.iter().map(sides).collect();
        assert_eq!(sides, [(160, 240), (480, 720), (960, 1440)]);
    }

    #[test]
    fn a_small_image_is_not_enlarged() {
        let made = thumbnails(&png(200, 100)).unwrap();
        let sides: Vec<_> = made.iter().map(sides).collect();
        assert_eq!(sides, [(160, 80), (200, 100), (200, 100)]);
    }

    #[test]
    fn what_is_transparent_stays_so() {
        let made = thumbnails(&encode_png(&DynamicImage::new_rgba8(10, 10))).unwrap();
        assert!(made.iter().all(|made| made.media_type == "image/png"));
        let made = thumbnails(&png(10, 10)).unwrap();
        assert!(made.iter().all(|made| made.media_type == "image/jpeg"));
    }

    #[test]
    fn half_a_file_and_a_bomb_are_refused() {
        let whole = png(1200, 1800);
        thumbnails(&whole[..whole.len() / 2]).unwrap_err();
        // A head that promises 60 000 by 60 000 pixels.
        let mut bomb = png(10, 10);
        bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        thumbnails(&bomb).unwrap_err();
    }
}
