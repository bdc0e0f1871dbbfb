//! The frames of an Arrow IPC stream: where it ends, and whether it is whole.
//!
//! A stream is a schema and batches of rows, each in a message. A message is a marker, the length of its metadata, the
//! metadata, and a body whose length the metadata have. A message without metadata ends the stream. See
//! <https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format>.

use std::collections::BTreeMap;
use std::io::Read;

use polars_arrow::io::ipc::format::ipc::planus::{self, ReadAsRoot};
use polars_arrow::io::ipc::format::ipc::{MessageHeaderRef, MessageRef, RecordBatchRef};
use polars_arrow::io::ipc::read::read_stream_metadata;

use crate::error::{DataProblem, Error, Result};
use crate::read::format::catch_panic::catch_panic;

/// The length of a marker together with that of the metadata after it.
pub(crate) const PREFIX: usize = 8;

/// What may take far more memory than a stream has bytes.
///
/// ```
/// use forecast::read::ArrowStream;
/// use forecast::write::ArrowTable;
///
/// let mut bytes = Vec::new();
/// ArrowTable::default().write(&mut bytes, &[])?;
/// assert_eq!(ArrowStream::from_bytes(bytes)?.expansion(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expansion {
    /// The cause: `compressed buffers`, `a dictionary`, or `more cells than bytes`.
    pub cause: &'static str,
    /// How to send the stream without it.
    pub hint: &'static str,
}

impl Expansion {
    const COMPRESSED: Self = Self {
        cause: "compressed buffers",
        hint: "write the stream without compression, and compress the body with gzip",
    };
    const DICTIONARY: Self =
        Self { cause: "a dictionary", hint: "cast its column to text before you write the stream, or send CSV" };
    const CELLS: Self = Self { cause: "more cells than bytes", hint: "leave out columns of nulls, or send CSV" };
}

/// An Arrow IPC stream in memory, as [`Source::Bytes`](crate::read::Source::Bytes) reads it.
///
/// ```
/// use forecast::read::ArrowStream;
/// use forecast::write::ArrowTable;
///
/// let mut bytes = Vec::new();
/// ArrowTable::default().write(&mut bytes, &[("forecast.id", "7")])?;
/// assert!(bytes.starts_with(&ArrowStream::MARKER));
///
/// let mut input = bytes.as_slice();
/// let stream = ArrowStream::read(&mut input, 1_000_000)?;
/// assert_eq!(stream.metadata()?["forecast.id"], "7");
/// assert!(input.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrowStream {
    bytes: Vec<u8>,
}

impl ArrowStream {
    /// The first bytes of every stream, and of no text in a usual encoding.
    pub const MARKER: [u8; 4] = [0xFF; 4];

    /// Reads one stream and nothing after it.
    ///
    /// # Errors
    /// If the stream ends too early, has more than `max_bytes`, or is damaged so that its end cannot be found.
    pub fn read(from: &mut impl Read, max_bytes: usize) -> Result<Self> {
        let mut bytes = Vec::new();
        loop {
            let start = bytes.len();
            append(from, PREFIX, max_bytes, &mut bytes)?;
            let Some(metadata) = metadata_length(&bytes[start..], start).map_err(of_data)? else {
                return Ok(Self { bytes });
            };
            append(from, metadata, max_bytes, &mut bytes)?;
            let body = body_length(&bytes[start + PREFIX..], start).map_err(of_data)?;
            append(from, body, max_bytes, &mut bytes)?;
        }
    }

    /// A stream that is whole in memory.
    ///
    /// # Errors
    /// If the stream is cut or damaged, or something follows it.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self> {
        check(&bytes).map_err(of_data)?;
        Ok(Self { bytes })
    }

    /// What may take far more memory than the stream has bytes; `None` for a stream that does not grow.
    pub fn expansion(&self) -> Option<Expansion> {
        let (mut start, mut cells) = (0, 0_u64);
        while let Some((metadata, next)) = message_at(&self.bytes, start) {
            start = next;
            let Ok(Some(header)) = MessageRef::read_as_root(metadata).and_then(|message| message.header()) else {
                continue;
            };
            match header {
                MessageHeaderRef::DictionaryBatch(_) => return Some(Expansion::DICTIONARY),
                MessageHeaderRef::RecordBatch(batch) => {
                    if batch.compression().is_ok_and(|compression| compression.is_some()) {
                        return Some(Expansion::COMPRESSED);
                    }
                    let nodes = batch.nodes().ok().flatten();
                    let lengths = nodes.into_iter().flatten().map(|node| u64::try_from(node.length()).unwrap_or(0));
                    cells = lengths.fold(cells, u64::saturating_add);
                }
                _ => {}
            }
        }
        (cells > self.bytes.len() as u64).then_some(Expansion::CELLS)
    }

    /// The metadata of the schema.
    ///
    /// # Errors
    /// If the schema is damaged.
    pub fn metadata(&self) -> Result<BTreeMap<String, String>> {
        let read = catch_panic(|| read_stream_metadata(&mut self.bytes.as_slice()));
        let damaged = || of_data(malformed(0, "its schema cannot be read"));
        let schema = read.map_err(|_panic| damaged())?.map_err(|_| damaged())?;
        let metadata = schema.custom_schema_metadata.into_iter().flatten();
        Ok(metadata.map(|(key, value)| (key.to_string(), value.to_string())).collect())
    }

    /// The bytes of the stream.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Refuses a stream that is not whole, one with something after it, and one whose buffers are longer than itself. Polars
/// would take the end of the bytes for that of the stream.
pub(crate) fn check(bytes: &[u8]) -> Result<(), DataProblem> {
    let mut start = 0;
    while let Some(length) = checked_length(bytes, start, || DataProblem::StreamCut { at: bytes.len() })? {
        start += length;
    }
    match bytes.len() - start - PREFIX {
        0 => Ok(()),
        more => Err(DataProblem::BytesAfterStream { bytes: more }),
    }
}

/// The length of the message that starts at byte `start`; `None` at the end of the messages. The problem of a message that
/// is not whole is `outside`.
fn checked_length(bytes: &[u8], start: usize, outside: impl Fn() -> DataProblem) -> Result<Option<usize>, DataProblem> {
    let after = |length: usize| bytes.get(start..).and_then(|rest| rest.get(..length)).ok_or_else(&outside);
    let Some(metadata) = metadata_length(after(PREFIX)?, start)? else { return Ok(None) };
    let body_start = PREFIX.saturating_add(metadata);
    let metadata = &after(body_start)?[PREFIX..];
    let length = body_start.saturating_add(body_length(metadata, start)?);
    let body = &after(length)?[body_start..];
    check_buffers(metadata, body).map_err(|reason| malformed(start, &reason))?;
    Ok(Some(length))
}

/// The first and the last bytes of an Arrow file. Zeros up to a multiple of 8 follow the first.
pub(crate) const FILE_MARKER: &[u8] = b"ARROW1";

/// The byte at which the footer of an Arrow file starts.
pub(crate) fn footer_start(bytes: &[u8]) -> Result<usize, DataProblem> {
    let cut = || {
        let reason = format!("the Arrow file is cut at byte {}, where its footer is missing", bytes.len());
        DataProblem::Malformed { location: None, reason }
    };
    let before_marker = bytes.strip_suffix(FILE_MARKER).ok_or_else(cut)?;
    let (rest, length) = before_marker.split_last_chunk().ok_or_else(cut)?;
    let length = usize::try_from(i32::from_le_bytes(*length)).ok();
    let start = length.and_then(|length| rest.len().checked_sub(length));
    start.ok_or_else(|| {
        let reason = format!(
            "the Arrow file is damaged at byte {}: the length of its footer is not that of a part of the file",
            rest.len()
        );
        DataProblem::Malformed { location: None, reason }
    })
}

/// Refuses an Arrow file that is cut, or has a damaged message before its footer.
pub(crate) fn check_file(bytes: &[u8]) -> Result<(), DataProblem> {
    let footer = footer_start(bytes)?;
    let in_file = |problem| match problem {
        DataProblem::Malformed { reason, .. } => {
            DataProblem::Malformed { location: None, reason: reason.replacen("Arrow stream", "Arrow file", 1) }
        }
        other => other,
    };
    let (mut start, messages) = (PREFIX, &bytes[..footer]);
    // files of old writers have no marker before a message
    while messages.get(start..).is_some_and(|rest| rest.starts_with(&ArrowStream::MARKER)) {
        let length = checked_length(messages, start, || malformed_file(start, "it ends in the footer"));
        let Some(length) = length.map_err(in_file)? else { break };
        start += length;
    }
    Ok(())
}

/// The metadata of the message at a byte of a stream that is whole, and the byte after the message; `None` at the end.
fn message_at(bytes: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(start..)?;
    let length = metadata_length(rest.get(..PREFIX)?, start).ok()??;
    let metadata = rest.get(PREFIX..PREFIX.checked_add(length)?)?;
    let body = body_length(metadata, start).ok()?;
    Some((metadata, start.checked_add(PREFIX)?.checked_add(length)?.checked_add(body)?))
}

/// Appends so many bytes of the input.
fn append(from: &mut impl Read, length: usize, max_bytes: usize, to: &mut Vec<u8>) -> Result<()> {
    if to.len().saturating_add(length) > max_bytes {
        return Err(of_data(DataProblem::StreamTooLong { max_bytes }));
    }
    // a stream that is cut allocates no more than it has
    let read = from.take(length as u64).read_to_end(to);
    let read = read.map_err(|source| Error::Read { path: NAME.into(), source })?;
    if read < length { Err(of_data(DataProblem::StreamCut { at: to.len() })) } else { Ok(()) }
}

/// Why a message is refused whose metadata are no Flatbuffer of the format.
const HEADER_UNREADABLE: &str = "its header cannot be read";

/// The length of the metadata of a message that starts at byte `at`; `None` at the end of the stream.
fn metadata_length(prefix: &[u8], at: usize) -> Result<Option<usize>, DataProblem> {
    let length =
        prefix.strip_prefix(&ArrowStream::MARKER).and_then(|rest| rest.try_into().ok()).map(i32::from_le_bytes);
    let length = length.and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or_else(|| malformed(at, "no message starts here"))?;
    Ok((length > 0).then_some(length))
}

/// The length of the body of a message that starts at byte `at`.
fn body_length(metadata: &[u8], at: usize) -> Result<usize, DataProblem> {
    let length = MessageRef::read_as_root(metadata).and_then(|message| message.body_length());
    let length = length.map_err(|_| malformed(at, HEADER_UNREADABLE))?;
    usize::try_from(length).map_err(|_| malformed(at, "the length of a body is negative"))
}

/// Refuses buffers outside of their body, and compressed ones that claim more than the memory can have. Polars would
/// allocate what they claim.
fn check_buffers(metadata: &[u8], body: &[u8]) -> Result<(), String> {
    let damaged = |_: planus::Error| HEADER_UNREADABLE.to_owned();
    let header = MessageRef::read_as_root(metadata).and_then(|message| message.header()).map_err(damaged)?;
    let batch = match header {
        Some(MessageHeaderRef::RecordBatch(batch)) => Some(batch),
        Some(MessageHeaderRef::DictionaryBatch(of)) => of.data().map_err(damaged)?,
        _ => None,
    };
    let Some(batch) = batch else { return Ok(()) };
    let is_compressed = batch.compression().map_err(damaged)?.is_some();
    for buffer in buffers(batch).map_err(damaged)? {
        let of_body = usize::try_from(buffer.0).ok().zip(usize::try_from(buffer.1).ok());
        let bytes = of_body.and_then(|(start, length)| body.get(start..)?.get(..length));
        let bytes = bytes.ok_or("a buffer is outside of its message")?;
        let Some(claimed) = bytes.first_chunk().filter(|_| is_compressed) else { continue };
        let claimed = usize::try_from(i64::from_le_bytes(*claimed)).unwrap_or(0);
        let allocated = Vec::<u8>::new().try_reserve_exact(claimed);
        allocated.map_err(|_| format!("a buffer has {claimed} bytes when it is decompressed, which is too many"))?;
    }
    Ok(())
}

/// The offset and the length of each buffer of a batch.
fn buffers(batch: RecordBatchRef<'_>) -> Result<Vec<(i64, i64)>, planus::Error> {
    let buffers = batch.buffers()?;
    Ok(buffers.into_iter().flatten().map(|buffer| (buffer.offset(), buffer.length())).collect())
}

/// The name of a stream in messages.
const NAME: &str = "the data";

fn of_data(problem: DataProblem) -> Error {
    Error::data(NAME, problem)
}

fn malformed_file(at: usize, reason: &str) -> DataProblem {
    let reason = format!("the Arrow file is damaged in the message at byte {at}: {reason}");
    DataProblem::Malformed { location: None, reason }
}

fn malformed(at: usize, reason: &str) -> DataProblem {
    let reason = format!("the Arrow stream is damaged in the message at byte {at}: {reason}");
    DataProblem::Malformed { location: None, reason }
}
