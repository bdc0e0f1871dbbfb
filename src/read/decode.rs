//! Bytes to text: UTF-8, UTF-16 or Latin-1, with or without a byte order mark.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text, lines ending in a line feed, and a word on the encoding where it had to be guessed.
pub(crate) fn decoded(bytes: Vec<u8>) -> (String, Option<String>) {
    let wide = match bytes.as_slice() {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        bytes => unmarked_wide(bytes),
    };
    let (text, said) = match wide {
        Some(encoding) => (from(encoding, &bytes), None),
        None => narrow(bytes),
    };
    (with_line_feeds(text), said)
}

/// UTF-16 without a mark: every other byte of western text is zero.
fn unmarked_wide(bytes: &[u8]) -> Option<&'static Encoding> {
    const LOOKED_AT: usize = 1_024;
    let part = &bytes[..bytes.len().min(LOOKED_AT) & !1];
    let zeros = |first: usize| part.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = |zeros: usize, others: usize| zeros * 2 >= part.len() * 4 / 5 && others * 20 < part.len();
    match (part.len(), most(odd, even), most(even, odd)) {
        (4.., true, _) => Some(UTF_16LE),
        (4.., _, true) => Some(UTF_16BE),
        _ => None,
    }
}

fn narrow(bytes: Vec<u8>) -> (String, Option<String>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let bytes = error.as_bytes();
            let damaged = String::from_utf8_lossy(bytes);
            let replaced = damaged.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
            let letters = damaged.chars().filter(|c| !c.is_ascii()).count() - replaced;
            if letters > 2 * replaced {
                let said = format!("{replaced} bytes are no UTF-8, unlike the rest, and are read as \u{fffd}");
                return (damaged.into_owned(), Some(said));
            }
            (from(WINDOWS_1252, bytes), Some("not UTF-8, read as Latin-1 (Windows-1252)".into()))
        }
    }
}

fn from(encoding: &'static Encoding, bytes: &[u8]) -> String {
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

/// Old Macintosh files end their lines in a carriage return.
fn with_line_feeds(text: String) -> String {
    if text.contains('\r') && !text.contains('\n') { text.replace('\r', "\n") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_known_by_their_bytes() {
        let wide = |mark: &str, order: fn(u16) -> [u8; 2]| {
            format!("{mark}date,Stück\n2024-01-01,5\n").encode_utf16().flat_map(order).collect()
        };
        for bytes in [
            wide("\u{feff}", u16::to_le_bytes),
            wide("\u{feff}", u16::to_be_bytes),
            wide("", u16::to_le_bytes),
            wide("", u16::to_be_bytes),
            "date,Stück\n2024-01-01,5\n".into(),
            "date,Stück\r2024-01-01,5\r".into(),
            b"date,St\xFCck\n2024-01-01,5\n".to_vec(),
        ] {
            assert_eq!(decoded(bytes).0, "date,Stück\n2024-01-01,5\n");
        }
        assert_eq!(decoded(b"10 \x80".to_vec()).0, "10 €");
    }
}
