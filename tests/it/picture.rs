//! Draws pictures and counts their pixels.

use std::io::Cursor;
use std::path::Path;

pub(crate) const HISTORY: [u8; 3] = [0x4a, 0x4f, 0x57];
pub(crate) const FILLED: [u8; 3] = [0xa3, 0xa8, 0xb0];
pub(crate) const BLUE: [u8; 3] = [0x1a, 0x56, 0xc4];
pub(crate) const INNER: [u8; 3] = [0xa9, 0xc6, 0xf5];
pub(crate) const MIDDLE: [u8; 3] = [0xc1, 0xd6, 0xf8];
pub(crate) const OUTER: [u8; 3] = [0xd9, 0xe6, 0xfb];
pub(crate) const ORANGE: [u8; 3] = [0xd9, 0x6b, 0x0b];

pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// Draws and decodes a picture. Asserts that the folder has no other file and that the picture is not blank.
    pub(crate) fn of(draw: impl Fn(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("picture.png");
        draw(&path);
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "the folder has another file");

        let mut reader =
            png::Decoder::new(Cursor::new(std::fs::read(path).expect("a file"))).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut bytes).expect("a PNG");
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
        let pixels = bytes.as_chunks::<3>().0.to_vec();
        let picture = Self { width: info.width as usize, height: info.height as usize, pixels };
        assert!(picture.pixels[130 * picture.width..].iter().any(|p| p[0] < 160), "nothing below the title");
        assert!(picture.count([255; 3]) > picture.pixels.len() / 4, "the background is white");
        picture
    }

    /// The number of pixels of exactly this colour, in the columns from share `from` to share `to` of the width.
    pub(crate) fn count_between(&self, colour: [u8; 3], (from, to): (f64, f64)) -> usize {
        let columns = (from * self.width as f64) as usize..(to * self.width as f64) as usize;
        self.pixels.chunks(self.width).map(|row| row[columns.clone()].iter().filter(|p| **p == colour).count()).sum()
    }

    pub(crate) fn count(&self, colour: [u8; 3]) -> usize {
        self.count_between(colour, (0.0, 1.0))
    }

    pub(crate) fn rows_with(&self, colour: [u8; 3]) -> usize {
        self.pixels.chunks(self.width).filter(|row| row.contains(&colour)).count()
    }
}

/// Asserts that drawing a picture again gives the same bytes.
pub(crate) fn assert_repeatable(draw: impl Fn(&Path)) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("picture.png");
    let [first, second] = [0, 1].map(|_| {
        draw(&path);
        std::fs::read(&path).expect("a file")
    });
    assert!(first == second, "a second run differs");
}
