//! Arrow IPC streams: what is read from them, what is written, and streams that are cut or damaged.

use std::io::{Cursor, Write};
use std::process::{Output, Stdio};
use std::sync::Arc;

use forecast::error::Error;
use forecast::read::{self, ArrowStream, Dataset, ReadOptions, Source};
use polars::polars_utils::compression::ZstdLevel;
use polars_arrow::array::{
    Array, BinaryArray, BooleanArray, DictionaryArray, PrimitiveArray, Utf8Array, Utf8ViewArray,
};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, TimeUnit};
use polars_arrow::io::ipc::read::{StreamReader, StreamState, read_stream_metadata};
use polars_arrow::io::ipc::write::{Compression, FileWriter, StreamWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatchT;
use serde_json::Value;

use crate::json_schema::checked;
use crate::sandbox::{Sandbox, daily_csv, stdout};

pub(crate) type Column = (&'static str, Box<dyn Array>);

/// The days of 2024 since 1970.
const FIRST_DAY: i32 = 19_723;
pub(crate) const DAYS: usize = 56;
const MILLIS_OF_DAY: i64 = 86_400_000;

fn schema(columns: &[Column]) -> Arc<ArrowSchema> {
    let field = |(name, array): &Column| Field::new((*name).into(), array.dtype().clone(), true);
    Arc::new(columns.iter().map(field).map(|field| (field.name.clone(), field)).collect())
}

/// A stream of two batches.
pub(crate) fn stream_of(columns: &[Column], compression: Option<Compression>, metadata: &[(&str, &str)]) -> Vec<u8> {
    let schema = schema(columns);
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::new(&mut bytes, WriteOptions { compression });
    writer.set_custom_schema_metadata(Arc::new(metadata.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()));
    writer.start(&schema, None).unwrap();
    let rows = columns[0].1.len();
    for (start, end) in [(0, rows / 3), (rows / 3, rows)] {
        let arrays = columns.iter().map(|(_, array)| array.sliced(start, end - start)).collect();
        writer.write(&RecordBatchT::new(end - start, Arc::clone(&schema), arrays), None).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

fn days() -> Box<dyn Array> {
    let days = (0..DAYS).map(|day| FIRST_DAY + day as i32).collect();
    PrimitiveArray::<i32>::from_vec(days).to(ArrowDataType::Date32).boxed()
}

/// The values of `daily_csv`.
fn values() -> Vec<f64> {
    daily_csv(DAYS as u32).lines().skip(1).map(|line| line.split_once(',').unwrap().1.parse().unwrap()).collect()
}

fn sales() -> Box<dyn Array> {
    PrimitiveArray::from_vec(values()).boxed()
}

/// A column of a type that is not read.
pub(crate) fn blobs() -> Box<dyn Array> {
    BinaryArray::<i32>::from_slice(vec![b"x"; DAYS]).boxed()
}

/// The columns of `daily_csv`.
pub(crate) fn daily() -> Vec<Column> {
    vec![("date", days()), ("sales", sales())]
}

pub(crate) fn read(bytes: Vec<u8>) -> Result<Dataset, Error> {
    read::read(&Source::Bytes(bytes), &ReadOptions::default())
}

fn read_columns(columns: &[Column]) -> Dataset {
    read(stream_of(columns, None, &[])).unwrap()
}

fn of_csv() -> Dataset {
    read(daily_csv(DAYS as u32).into_bytes()).unwrap()
}

fn numbers<T: polars_arrow::types::NativeType>(of: impl Fn(f64) -> T) -> PrimitiveArray<T> {
    PrimitiveArray::from_vec(values().into_iter().map(of).collect())
}

/// Runs the binary with bytes on stdin.
fn run_with(sandbox: &Sandbox, line: &str, bytes: &[u8]) -> Output {
    let mut command = sandbox.forecast(line);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    child.wait_with_output().unwrap()
}

/// The fields and the rows of a stream: each cell as it is shown.
pub(crate) struct Stream {
    pub(crate) types: Vec<(String, ArrowDataType)>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) metadata: std::collections::BTreeMap<String, String>,
}

pub(crate) fn read_stream(bytes: &[u8]) -> Stream {
    let metadata = ArrowStream::read(&mut &*bytes, bytes.len()).unwrap().metadata().unwrap();
    let mut reader = Cursor::new(bytes);
    let of_stream = read_stream_metadata(&mut reader).unwrap();
    let types = of_stream.schema.iter_values().map(|f| (f.name.to_string(), f.dtype.clone())).collect();
    let mut rows = Vec::new();
    for state in StreamReader::new(reader, of_stream, None) {
        let StreamState::Some(batch) = state.unwrap() else { panic!("the stream has no end") };
        for row in 0..batch.len() {
            rows.push(batch.arrays().iter().map(|array| cell(array.as_ref(), row)).collect());
        }
    }
    Stream { types, rows, metadata }
}

fn cell(array: &dyn Array, row: usize) -> String {
    let any = array.as_any();
    if let Some(texts) = any.downcast_ref::<Utf8Array<i32>>() {
        return texts.value(row).to_owned();
    }
    if let Some(numbers) = any.downcast_ref::<PrimitiveArray<f64>>() {
        return if numbers.is_null(row) { String::new() } else { numbers.value(row).to_string() };
    }
    if let Some(days) = any.downcast_ref::<PrimitiveArray<i32>>() {
        return (chrono::NaiveDate::default() + chrono::Days::new(days.value(row) as u64)).to_string();
    }
    any.downcast_ref::<PrimitiveArray<i64>>().unwrap().value(row).to_string()
}

#[test]
fn a_stream_is_read_like_csv_from_a_file_and_from_stdin() {
    let sandbox = Sandbox::with_daily();
    let expected = sandbox.run("--csv daily.csv -n 5 --model theta --out -");
    for compression in [None, Some(Compression::LZ4), Some(Compression::ZSTD(ZstdLevel::default()))] {
        let bytes = stream_of(&daily(), compression, &[]);
        assert_eq!(read(bytes.clone()).unwrap().panel, of_csv().panel);
        std::fs::write(sandbox.path("daily.arrows"), &bytes).unwrap();
        let of_file = sandbox.run("--csv daily.arrows -n 5 --model theta --out -");
        let of_stdin = run_with(&sandbox, "--csv - -n 5 --model theta --out -", &bytes);
        assert_eq!(stdout(&of_file), stdout(&expected));
        assert_eq!(stdout(&of_stdin), stdout(&expected));
    }
    let bytes = stream_of(&daily(), None, &[]);
    for line in ["inspect --csv -", "train --csv - -n 5 --model theta", "backtest --csv - -n 5 --model theta"] {
        let output = run_with(&sandbox, line, &bytes);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let output = run_with(&sandbox, "predict --model stdin-model --csv - --out -", &bytes);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn numbers_of_every_type_are_read() {
    let decimal = |scale: i32| move |value: f64| (value * 10_f64.powi(scale)).round() as i128;
    let columns: Vec<Box<dyn Array>> = vec![
        numbers(|v| v as i16).boxed(),
        numbers(|v| v as u16).boxed(),
        numbers(|v| v as i32).boxed(),
        numbers(|v| v as u32).boxed(),
        numbers(|v| v as i64).boxed(),
        numbers(|v| v as u64).boxed(),
        numbers(|v| v as f32).boxed(),
        numbers(decimal(2)).to(ArrowDataType::Decimal(12, 2)).boxed(),
        numbers(|v| decimal(3)(v) as i64).to(ArrowDataType::Decimal64(12, 3)).boxed(),
        numbers(|v| decimal(1)(v) as i32).to(ArrowDataType::Decimal32(9, 1)).boxed(),
    ];
    for column in columns {
        let data_type = column.dtype().clone();
        let dataset = read_columns(&[("date", days()), ("sales", column)]);
        let expected: Vec<f64> = match data_type {
            ArrowDataType::Float32 => values().into_iter().map(|value| f64::from(value as f32)).collect(),
            ArrowDataType::Decimal(..) | ArrowDataType::Decimal32(..) | ArrowDataType::Decimal64(..) => values(),
            _ => values().into_iter().map(f64::trunc).collect(),
        };
        assert_eq!(dataset.panel.iter().next().unwrap().values, expected, "{data_type:?}");
        assert_eq!(dataset.notices, [], "{data_type:?}");
    }
    let bytes: Vec<i8> = (0..DAYS).map(|day| (day % 7) as i8 - 3).collect();
    let short = read_columns(&[("date", days()), ("sales", PrimitiveArray::from_vec(bytes).boxed())]);
    assert_eq!(short.panel.iter().next().unwrap().values[..4], [-3.0, -2.0, -1.0, 0.0]);
    let yes: Vec<bool> = (0..DAYS).map(|day| day % 3 == 0).collect();
    let booleans = read_columns(&[("date", days()), ("sales", BooleanArray::from_slice(yes).boxed())]);
    assert_eq!(booleans.panel.iter().next().unwrap().values[..4], [1.0, 0.0, 0.0, 1.0]);
}

/// 0.07 is 7 divided by 100, rounded once; 10^30 and a half has more digits than a float.
#[test]
fn decimals_are_rounded_correctly() {
    let digits: Vec<i128> = (0..DAYS as i128).map(|day| 10_i128.pow(31) + 5 + day * 7).collect();
    let long = PrimitiveArray::from_vec(digits).to(ArrowDataType::Decimal(38, 20)).boxed();
    let dataset = read_columns(&[("date", days()), ("sales", long)]);
    let own = dataset.panel.iter().next().unwrap().values;
    assert_eq!(own[1], "100000000000.00000000000000000012".parse::<f64>().unwrap());
    let cents: Vec<i64> = (0..DAYS as i64).collect();
    let cents = PrimitiveArray::from_vec(cents).to(ArrowDataType::Decimal64(9, 2)).boxed();
    assert_eq!(read_columns(&[("date", days()), ("sales", cents)]).panel.iter().next().unwrap().values[7], 0.07);
}

#[test]
fn missing_values_are_null() {
    let mut values: Vec<Option<f64>> = values().into_iter().map(Some).collect();
    values[20] = None;
    let dataset = read_columns(&[("date", days()), ("sales", PrimitiveArray::from(values).boxed())]);
    assert_eq!(dataset.repairs.len(), 1, "{:?}", dataset.repairs);
}

#[test]
fn ids_keep_every_digit_and_dictionaries_are_decoded() {
    let large = [9_007_199_254_740_993_u64, 18_446_744_073_709_551_615];
    let ids: Vec<u64> = (0..DAYS).map(|row| large[row % 2]).collect();
    let names = Utf8ViewArray::from_slice([Some("north"), Some("south")]).boxed();
    let keys = PrimitiveArray::<i8>::from_vec((0..DAYS).map(|row| (row % 2) as i8).collect());
    let dictionary = DictionaryArray::try_from_keys(keys.clone(), names, false).unwrap().boxed();
    let numbers = PrimitiveArray::<i64>::from_vec(vec![70, 80]).boxed();
    let of_numbers = DictionaryArray::try_from_keys(keys, numbers, false).unwrap().boxed();
    let two_a_day = (0..DAYS as i32).map(|row| FIRST_DAY + row / 2).collect();
    let times = PrimitiveArray::<i32>::from_vec(two_a_day).to(ArrowDataType::Date32).boxed();
    let options = ReadOptions { ids: vec!["id".into()], ..ReadOptions::default() };
    for (column, expected) in [
        (PrimitiveArray::from_vec(ids).boxed(), ["18446744073709551615", "9007199254740993"]),
        (dictionary, ["north", "south"]),
        (of_numbers, ["70", "80"]),
    ] {
        let columns = [("id", column), ("date", times.clone()), ("sales", sales())];
        let dataset = read::read(&Source::Bytes(stream_of(&columns, None, &[])), &options).unwrap();
        let mut ids: Vec<String> = dataset.panel.iter().map(|series| series.key[0].clone()).collect();
        ids.sort();
        assert_eq!(ids, expected);
    }
}

/// The times of a forecast have the type and the zone of those of the history.
#[test]
fn times_are_written_with_the_type_of_their_steps() {
    let sandbox = Sandbox::new();
    let millis = TimeUnit::Millisecond;
    let hours: Vec<i64> = (0..DAYS as i64).map(|hour| hour * 3_600_000 + 19_800 * MILLIS_OF_DAY).collect();
    let hourly = |zone: Option<&str>| {
        let data_type = ArrowDataType::Timestamp(millis, zone.map(Into::into));
        (PrimitiveArray::from_vec(hours.clone()).to(data_type.clone()).boxed(), data_type)
    };
    let midnights: Vec<i64> = (0..DAYS as i64).map(|day| (19_800 + day) * MILLIS_OF_DAY).collect();
    let as_dates = PrimitiveArray::from_vec(midnights).to(ArrowDataType::Timestamp(millis, None)).boxed();
    for (times, expected) in [
        hourly(None),
        hourly(Some("UTC")),
        hourly(Some("+05:30")),
        hourly(Some("Europe/Berlin")),
        (days(), ArrowDataType::Date32),
        (as_dates, ArrowDataType::Date32),
        (PrimitiveArray::from_vec((0..DAYS as i64).collect()).boxed(), ArrowDataType::Int64),
    ] {
        let last = cell(times.as_ref(), DAYS - 1);
        let bytes = stream_of(&[("ds", times), ("y", sales())], None, &[]);
        let output = run_with(&sandbox, "--csv - --time ds -n 2 --model drift --out - --format arrow", &bytes);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let written = read_stream(&output.stdout);
        assert_eq!(written.types[0], ("ds".to_owned(), expected.clone()));
        assert_eq!(written.types[1], ("forecast".to_owned(), ArrowDataType::Float64));
        let first: &str = &written.rows[0][0];
        match expected {
            ArrowDataType::Timestamp(..) => {
                assert_eq!(first.parse::<i64>().unwrap(), last.parse::<i64>().unwrap() + 3_600_000);
            }
            ArrowDataType::Int64 => assert_eq!(first, DAYS.to_string()),
            _ => assert!(["2024-02-26", "2024-05-13"].contains(&first), "{first}"),
        }
    }
}

#[test]
fn a_stream_has_the_forecast_of_csv_and_the_object_of_json() {
    let sandbox = Sandbox::new();
    let row = |at: u32| {
        let shop = ["north", "east, old"][at as usize % 2];
        format!("{shop:?},2024-{:02}-{:02},{}\n", at / 2 / 28 + 1, at / 2 % 28 + 1, 10 + at * 7 % 11)
    };
    sandbox.write("shops.csv", &("shop,date,sales\n".to_owned() + &(0..112).map(row).collect::<String>()));
    let common = "--csv shops.csv -n 2 --model drift --out - --total horizon";
    let object = checked(&stdout(&sandbox.run(&format!("{common} --json"))));
    let csv = stdout(&sandbox.run("--csv shops.csv -n 2 --model drift --out -"));
    let output = sandbox.run(&format!("{common} --format arrow"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("seasonal naive"), "notices are on stderr");
    let written = read_stream(&output.stdout);
    let mut lines = csv.lines();
    let names: Vec<&str> = written.types.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.join(","), lines.next().unwrap());
    assert_eq!(written.types[0].1, ArrowDataType::Utf8);
    assert_eq!(written.rows.len(), lines.clone().count());
    for (row, line) in written.rows.iter().zip(lines) {
        assert_eq!(row.join(","), line.replace('"', ""));
    }
    assert_eq!(written.metadata["forecast.schema"], "1");
    let mut of_stream: Value = serde_json::from_str(&written.metadata["forecast.run"]).unwrap();
    let mut expected = object;
    assert!(expected["tables"].as_object_mut().unwrap().remove("forecast").is_some());
    for of_run in [&mut of_stream, &mut expected] {
        ["command", "finished", "seconds"].iter().for_each(|own| drop(of_run.as_object_mut().unwrap().remove(*own)));
    }
    assert_eq!(of_stream, expected);
}

#[test]
fn a_stream_of_a_backtest_has_its_forecasts() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("backtest --csv daily.csv -n 2 --model drift,naive --out kept");
    let output = sandbox.run("backtest --csv daily.csv -n 2 --model drift,naive --out - --format arrow");
    let written = read_stream(&output.stdout);
    let csv = sandbox.read("kept/backtest.csv");
    let mut lines = csv.lines();
    let names: Vec<&str> = written.types.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.join(","), lines.next().unwrap());
    let rows: Vec<String> = written.rows.iter().map(|row| row.join(",")).collect();
    assert_eq!(rows, lines.collect::<Vec<_>>());
    let of_stream: Value = serde_json::from_str(&written.metadata["forecast.run"]).unwrap();
    assert!(of_stream["tables"]["metrics"].is_array() && of_stream["tables"]["backtest"].is_null());
}

/// A program reads the error from stdout, a person from stderr, and the exit code is the usual one.
#[test]
fn a_failure_is_a_stream_without_columns() {
    let sandbox = Sandbox::with_daily();
    let cut = &stream_of(&daily(), None, &[])[..600];
    for (line, bytes, code, kind, message) in [
        ("--csv - -n 2 --out - --format arrow", cut, 3, "data", "standard input: the Arrow stream is cut at byte 600"),
        ("--csv daily.csv --out=- --format=arrow", &[], 2, "usage", "--horizon <STEPS> is missing"),
        ("--csv daily.csv --out - --format arrow -n 0", &[], 2, "usage", ""),
        ("predict --model none --csv daily.csv --out - --format arrow", &[], 2, "usage", "none does not exist"),
    ] {
        let output = run_with(&sandbox, line, bytes);
        assert_eq!(output.status.code(), Some(code), "{line}");
        let written = read_stream(&output.stdout);
        assert!(written.types.is_empty());
        let error: Value = serde_json::from_str(&written.metadata["forecast.error"]).unwrap();
        assert_eq!((&error["kind"], &error["exit_code"]), (&kind.into(), &code.into()), "{line}");
        let of_person = String::from_utf8(output.stderr).unwrap();
        let text = error["message"].as_str().unwrap();
        assert!(text.starts_with(message) && of_person.contains(text), "{line}: {text}");
        assert!(of_person.contains(error["hint"].as_str().unwrap()), "{line}");
    }
}

#[test]
fn a_stream_is_for_stdout_and_the_only_thing_there() {
    let sandbox = Sandbox::with_daily();
    for (line, message) in [
        ("--csv daily.csv -n 2 --format arrow", "--format arrow writes a stream to stdout, and no folder"),
        ("--csv daily.csv -n 2 --format arrow --out - --json", "--json and --format arrow are two forms of stdout"),
        ("--csv daily.csv -n 2 --format arrow,svg --out -", "--format is for pictures"),
        ("train --csv daily.csv -n 2 --format arrow", "--format arrow has no effect here"),
        ("backtest --csv daily.csv -n 2 --format arrow", "--format arrow writes a stream to stdout"),
    ] {
        let output = run_with(&sandbox, line, b"");
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(message), "{line}: {output:?}");
    }
}

#[test]
fn a_column_that_cannot_be_read_is_named() {
    let dataset = read_columns(&[("date", days()), ("sales", sales()), ("photo", blobs())]);
    let notices: Vec<String> = dataset.notices.iter().map(ToString::to_string).collect();
    assert_eq!(notices, ["column photo is not used, its type is Binary"]);
    assert_eq!(dataset.panel, of_csv().panel);
    let only = stream_of(&[("date", days()), ("photo", blobs())], None, &[]);
    let named = ReadOptions { target: Some("photo".into()), ..ReadOptions::default() };
    for (options, bytes) in [(ReadOptions::default(), only.clone()), (named, only)] {
        let error = read::read(&Source::Bytes(bytes), &options).unwrap_err();
        assert_eq!(error.to_string(), "the data: column photo has the type Binary, which cannot be read");
    }
}

/// A file of two batches.
pub(crate) fn file_of(columns: &[Column], compression: Option<Compression>) -> Vec<u8> {
    let schema = schema(columns);
    let mut bytes = Vec::new();
    let mut writer = FileWriter::try_new(&mut bytes, Arc::clone(&schema), None, WriteOptions { compression }).unwrap();
    for (start, end) in [(0, DAYS / 3), (DAYS / 3, DAYS)] {
        let arrays = columns.iter().map(|(_, array)| array.sliced(start, end - start)).collect();
        writer.write(&RecordBatchT::new(end - start, Arc::clone(&schema), arrays), None).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

#[test]
fn an_arrow_file_is_read_as_a_stream_is() {
    let columns = [("date", days()), ("sales", numbers(|v| v as i16).boxed())];
    for compression in [None, Some(Compression::LZ4)] {
        assert_eq!(read(file_of(&columns, compression)).unwrap().panel, read_columns(&columns).panel);
    }
}
