//! Arrow streams and files that are cut or damaged: the error and its place.

use forecast::error::{DataProblem, Error};
use forecast::read::ArrowStream;
use polars::polars_utils::compression::ZstdLevel;
use polars_arrow::io::ipc::write::Compression;

use crate::arrow::{DAYS, daily, file_of, read, stream_of};

/// Every cut is an error that says so, and no damage is a panic.
#[test]
fn a_stream_that_is_cut_or_damaged_is_an_error() {
    for compression in [None, Some(Compression::LZ4)] {
        let bytes = stream_of(&daily(), compression, &[]);
        for cut in 4..bytes.len() {
            let error = read(bytes[..cut].to_vec()).unwrap_err();
            let Error::Data { problem, .. } = &error else { panic!("{error}") };
            assert!(matches!(**problem, DataProblem::StreamCut { at } if at == cut), "{cut}: {error}");
        }
        for at in 4..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x81;
            // another value may still be a value
            if let Err(error) = read(damaged) {
                assert!(matches!(error, Error::Data { .. }), "{at}: {error}");
                let text = error.to_string();
                let is_of_rust = |part: &str| text.contains(part);
                assert!(
                    !["::", "OutOfSpec", "Err(", "Some(", "Kind", "{", "`"].into_iter().any(is_of_rust),
                    "{at}: {text}"
                );
            }
        }
        let twice = [bytes.clone(), bytes.clone()].concat();
        let error = read(twice).unwrap_err().to_string();
        assert!(error.ends_with(&format!("{} bytes follow the end of the Arrow stream", bytes.len())), "{error}");
        let mut input = &[bytes.clone(), b"next".to_vec()].concat()[..];
        assert_eq!(ArrowStream::read(&mut input, bytes.len()).unwrap().into_bytes(), bytes);
        assert_eq!(input, b"next");
        let error = ArrowStream::read(&mut &bytes[..], bytes.len() - 1).unwrap_err().to_string();
        assert!(error.contains("the Arrow stream has more than"), "{error}");
    }
}

/// A length that no memory has is refused before anything is allocated for it.
#[test]
fn a_stream_cannot_claim_more_than_memory_has() {
    let mut bytes = stream_of(&daily(), Some(Compression::LZ4), &[]);
    let rows_of_second_batch = DAYS as i64 - DAYS as i64 / 3;
    let length = (rows_of_second_batch * 8).to_le_bytes();
    let of_sales = bytes.windows(8).rposition(|bytes| bytes == length).expect("the length before compressed values");
    bytes[of_sales..of_sales + 8].copy_from_slice(&(1_i64 << 50).to_le_bytes());
    let error = read(bytes).unwrap_err().to_string();
    assert!(
        error.ends_with("a buffer has 1125899906842624 bytes when it is decompressed, which is too many"),
        "{error}"
    );
}

#[test]
fn an_error_about_a_damaged_arrow_file_has_its_place() {
    let whole = file_of(&daily(), None);
    for cut in 8..whole.len() {
        let error = read(whole[..cut].to_vec()).unwrap_err().to_string();
        let cut_at = format!("the Arrow file is cut at byte {cut}, where its footer is missing");
        assert!(error.ends_with(&cut_at), "{error}");
    }
    let messages: Vec<usize> = (8..whole.len() - 8).filter(|at| whole[*at..].starts_with(&[0xFF; 4])).collect();
    let mut long_body = whole.clone();
    // the length of the metadata of the second message
    long_body[messages[1] + 4..messages[1] + 8].copy_from_slice(&i32::MAX.to_le_bytes());
    let error = read(long_body).unwrap_err().to_string();
    let place = format!("the Arrow file is damaged in the message at byte {}: it ends in the footer", messages[1]);
    assert!(error.ends_with(&place), "{error}");
    // compressed values are checked when they are read
    let mut values = file_of(&daily(), Some(Compression::ZSTD(ZstdLevel::try_new(1).unwrap())));
    let frame = values.windows(4).rposition(|bytes| bytes == [0x28, 0xB5, 0x2F, 0xFD]).expect("a frame of zstd");
    values[frame] ^= 0xFF;
    let error = read(values).unwrap_err().to_string();
    assert!(error.contains("batch 2 of rows cannot be read: "), "{error}");
    for compression in [None, Some(Compression::LZ4)] {
        let bytes = file_of(&daily(), compression);
        for at in 8..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x81;
            if let Err(error) = read(damaged) {
                assert!(matches!(error, Error::Data { .. }), "{at}: {error}");
            }
        }
    }
}

/// The schema of a file is in its footer, and that of a stream in the first message.
#[test]
fn a_damaged_schema_of_arrow_has_its_place_and_no_text_of_a_panic() {
    let (file, stream) = (file_of(&daily(), None), stream_of(&daily(), None, &[]));
    let length = i32::from_le_bytes(*file[..file.len() - 6].last_chunk().unwrap()) as usize;
    let footer = file.len() - 10 - length;
    let damaged = |bytes: &[u8], at: usize, by: u8| {
        let mut damaged = bytes.to_vec();
        damaged[at] ^= by;
        read(damaged).err().map(|error| error.to_string())
    };
    let mut of_footer = 0;
    for by in [0x81, 0xFF, 0x01] {
        for at in footer..file.len() - 10 {
            let Some(text) = damaged(&file, at, by) else { continue };
            let is_placed = text.contains(&format!("the schema in the footer at byte {footer} cannot be read: "));
            let is_of_batch = text.contains("batch ") && text.contains(" of rows cannot be read: ");
            let is_of_column = text.contains("column");
            assert!(is_placed || is_of_batch || is_of_column, "{at}: {text}");
            assert!(
                !["unwrap", "panick", "index out", "slice", "range"].iter().any(|word| text.contains(word)),
                "{text}"
            );
            of_footer += usize::from(is_placed);
        }
        for at in 8..200 {
            let Some(text) = damaged(&stream, at, by) else { continue };
            assert!(text.contains("at byte ") || text.contains("batch ") || text.contains("column"), "{at}: {text}");
        }
    }
    assert!(of_footer > 0);
}
