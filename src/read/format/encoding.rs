//! The encoding of a text: as requested, as its first bytes say, or as its bytes suggest.

use std::str::FromStr;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252};

use crate::error::Error;
use crate::read::notice::Notice;

/// The encoding of a text by one of its usual names, such as `shift-jis` or `cp1250`.
///
/// ```
/// use forecast::read::TextEncoding;
///
/// assert_eq!("latin2".parse::<TextEncoding>()?.name(), "ISO-8859-2");
/// assert_eq!("cp932".parse::<TextEncoding>()?.name(), "Shift_JIS");
/// # Ok::<(), forecast::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// The name of the encoding in the Encoding Standard.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl FromStr for TextEncoding {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        const CODE_PAGES: [(&str, &str); 5] =
            [("932", "shift_jis"), ("936", "gbk"), ("949", "euc-kr"), ("950", "big5"), ("65001", "utf-8")];
        const EXAMPLES: [&str; 10] = [
            "UTF-8",
            "UTF-16LE",
            "windows-1250",
            "windows-1252",
            "ISO-8859-2",
            "Shift_JIS",
            "GBK",
            "Big5",
            "EUC-KR",
            "and others of the Encoding Standard",
        ];
        let label = text.trim().to_lowercase();
        let page = label
            .strip_prefix("cp")
            .or_else(|| label.strip_prefix("windows-"))
            .map(|page| page.trim_start_matches('-'));
        let of_page = page.map(|page| {
            CODE_PAGES
                .iter()
                .find(|(known, _)| *known == page)
                .map_or_else(|| format!("windows-{page}"), |(_, label)| (*label).into())
        });
        let others = [label.clone(), label.replace('-', "_"), label.replace(['-', '_'], "")];
        let found = of_page.into_iter().chain(others).find_map(|label| Encoding::for_label(label.as_bytes()));
        found.map(Self).ok_or_else(|| Error::unknown_name("encoding", text, EXAMPLES))
    }
}

/// The text with line feeds as line ends, and a notice if the encoding is not UTF-8 or some bytes are not valid.
pub(crate) fn decode(bytes: Vec<u8>, requested: Option<TextEncoding>) -> (String, Option<Notice>) {
    let (text, notice) = match requested {
        Some(TextEncoding(encoding)) => decode_as(encoding, &bytes, encoding != UTF_8),
        None => match declared(&bytes).or_else(|| utf_16_without_mark(&bytes)) {
            Some(encoding) => decode_as(encoding, &bytes, true),
            None => decode_detected(bytes),
        },
    };
    // Files of the classic Mac OS end their lines in a carriage return.
    let is_classic_mac = text.contains('\r') && !text.contains('\n');
    (if is_classic_mac { text.replace('\r', "\n") } else { text }, notice)
}

/// UTF-16 by its byte order mark.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_bom(bytes).map(|(encoding, _)| encoding).filter(|encoding| *encoding != UTF_8)
}

/// Recognises UTF-16 without a byte order mark. Every second byte of digits and separators is zero, and other texts have
/// no such bytes.
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    const SAMPLE_BYTES: usize = 1_024;
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES) & !1];
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let dominate = |zeros: usize, others: usize| zeros * 8 >= sample.len() && others * 20 < sample.len();
    match (sample.len(), dominate(odd, even), dominate(even, odd)) {
        (4.., true, _) => Some(UTF_16LE),
        (4.., _, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// Decodes by an encoding that is certain or requested. Bytes that are not valid are replaced, and counted in a notice.
fn decode_as(encoding: &'static Encoding, bytes: &[u8], is_noted: bool) -> (String, Option<Notice>) {
    let text = encoding.decode_with_bom_removal(bytes).0.into_owned();
    let invalid = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    let name = encoding.name();
    let notice = if invalid > 0 {
        Some(Notice::InvalidBytes { encoding: name, bytes: invalid })
    } else {
        is_noted.then_some(Notice::Encoding { encoding: name })
    };
    (text, notice)
}

/// Decodes UTF-8, also with a few damaged bytes, or else the most likely of the encodings of single countries.
fn decode_detected(bytes: Vec<u8>) -> (String, Option<Notice>) {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error,
    };
    let lossy = String::from_utf8_lossy(error.as_bytes());
    let invalid = lossy.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    let valid = lossy.chars().filter(|c| !c.is_ascii()).count() - invalid;
    if valid > 2 * invalid {
        return (lossy.into_owned(), Some(Notice::InvalidBytes { encoding: UTF_8.name(), bytes: invalid }));
    }
    let encoding = likely_encoding(error.as_bytes(), error.utf8_error().valid_up_to());
    let text = encoding.decode_without_bom_handling(error.as_bytes()).0.into_owned();
    (text, Some(Notice::AssumedEncoding { encoding: encoding.name() }))
}

/// The most likely encoding by a sample of bytes, of which those before `ascii_until` are ASCII.
fn likely_encoding(bytes: &[u8], ascii_until: usize) -> &'static Encoding {
    const SAMPLE_BYTES: usize = 1 << 20;
    let line = memchr::memrchr(b'\n', &bytes[..ascii_until]).map_or(0, |end| end + 1);
    let sample = &bytes[line..bytes.len().min(line + SAMPLE_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, line + sample.len() == bytes.len());
    let guess = detector.guess(None, Utf8Detection::Deny);
    // The currency of Czechia is a word in no language of Western Europe.
    if guess == WINDOWS_1252 && sample.windows(3).any(|bytes| bytes[0] == b' ' && bytes[1..] == *b"K\xE8") {
        return WINDOWS_1250;
    }
    // Short texts of Western Europe often have the same characters in several encodings. The most frequent one is named.
    let decoded = |encoding: &'static Encoding| encoding.decode_without_bom_handling(sample).0;
    let is_whole = line + sample.len() == bytes.len();
    if is_whole && guess.is_single_byte() && decoded(guess) == decoded(WINDOWS_1252) { WINDOWS_1252 } else { guess }
}
