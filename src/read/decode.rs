//! Decodes bytes to text: UTF-8, UTF-16 or Latin-1, with or without a byte order mark.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::read::notice::Notice;

/// The text with line feeds as line ends, and a notice if the encoding is not certain.
pub(crate) fn decode(bytes: Vec<u8>) -> (String, Option<Notice>) {
    let utf_16 = match bytes.as_slice() {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        bytes => utf_16_without_mark(bytes),
    };
    let (text, notice) = match utf_16 {
        Some(encoding) => (decode_as(encoding, &bytes), None),
        None => decode_single_bytes(bytes),
    };
    (with_line_feeds(text), notice)
}

/// Recognises UTF-16 without a byte order mark: every second byte of Western text is zero.
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    const SAMPLE_BYTES: usize = 1_024;
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES) & !1];
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let dominate = |zeros: usize, others: usize| zeros * 2 >= sample.len() * 4 / 5 && others * 20 < sample.len();
    match (sample.len(), dominate(odd, even), dominate(even, odd)) {
        (4.., true, _) => Some(UTF_16LE),
        (4.., _, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// Decodes UTF-8, also with a few damaged bytes, or else Windows-1252.
fn decode_single_bytes(bytes: Vec<u8>) -> (String, Option<Notice>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let bytes = error.as_bytes();
            let lossy = String::from_utf8_lossy(bytes);
            let invalid = lossy.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
            let valid = lossy.chars().filter(|c| !c.is_ascii()).count() - invalid;
            if valid > 2 * invalid {
                return (lossy.into_owned(), Some(Notice::InvalidUtf8 { bytes: invalid }));
            }
            (decode_as(WINDOWS_1252, bytes), Some(Notice::AssumedLatin1))
        }
    }
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> String {
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

/// Files of the classic Mac OS end their lines in a carriage return.
fn with_line_feeds(text: String) -> String {
    if text.contains('\r') && !text.contains('\n') { text.replace('\r', "\n") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_recognised_by_their_bytes() {
        let utf_16 = |mark: &str, order: fn(u16) -> [u8; 2]| {
            format!("{mark}date,Stück\n2024-01-01,5\n").encode_utf16().flat_map(order).collect()
        };
        for bytes in [
            utf_16("\u{feff}", u16::to_le_bytes),
            utf_16("\u{feff}", u16::to_be_bytes),
            utf_16("", u16::to_le_bytes),
            utf_16("", u16::to_be_bytes),
            "date,Stück\n2024-01-01,5\n".into(),
            "date,Stück\r2024-01-01,5\r".into(),
            b"date,St\xFCck\n2024-01-01,5\n".to_vec(),
        ] {
            assert_eq!(decode(bytes).0, "date,Stück\n2024-01-01,5\n");
        }
        assert_eq!(decode(b"10 \x80".to_vec()), ("10 €".into(), Some(Notice::AssumedLatin1)));
    }
}
