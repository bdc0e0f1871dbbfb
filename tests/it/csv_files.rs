//! The format of written CSV files: quotes, and digits of numbers.

use forecast::panel::{Columns, Panel, Series};
use forecast::read::FailedSeries;
use forecast::time::{Frequency, Timestamp};
use forecast::write::{Table, round_to_digits, significant_digits};

/// Names with characters that have a meaning in CSV files, and the fields that are written for them.
const ODD_NAMES: [(&str, &str); 11] = [
    ("plain", "plain"),
    ("", ""),
    ("a,b", "\"a,b\""),
    ("say \"hi\"", "\"say \"\"hi\"\"\""),
    ("\"", "\"\"\"\""),
    ("two\nlines", "\"two\nlines\""),
    ("cr\rlf\r\n", "\"cr\rlf\r\n\""),
    (" before", "\" before\""),
    ("after ", "\"after \""),
    ("ünï", "ünï"),
    ("tab\there", "tab\there"),
];

/// A file with the names as id columns and as ids.
fn file_with_odd_names() -> String {
    let names: Vec<String> = ODD_NAMES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let columns = Columns { time: None, target: "y".into(), ids: names.clone() };
    let series = Series { key: names.clone(), start: Timestamp::Index(1), values: vec![1.0], observed: vec![true] };
    let panel = Panel::new(columns, Frequency::INDEX, 1, vec![series]).unwrap();
    let mut csv = Vec::new();
    let failed = FailedSeries { key: names, reason: "it has no value".into() };
    Table::Failed(&[failed]).write_csv(&mut csv, &panel).unwrap();
    String::from_utf8(csv).unwrap()
}

#[test]
fn only_names_with_special_characters_are_quoted() {
    let fields = ODD_NAMES.map(|(_, field)| field).join(",");
    assert_eq!(file_with_odd_names(), format!("{fields},reason\n{fields},it has no value\n"));
}

/// The fields of the first record of a file, by the grammar of RFC 4180.
fn first_record(file: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = file.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\n' if !quoted => break,
            _ => field.push(c),
        }
    }
    fields.push(field);
    fields
}

#[test]
fn a_reader_of_rfc_4180_reads_the_same_names() {
    let fields = first_record(&file_with_odd_names());
    assert_eq!(fields[..ODD_NAMES.len()], ODD_NAMES.map(|(name, _)| name));
    assert_eq!(fields[ODD_NAMES.len()..], ["reason"]);
}

#[test]
fn numbers_are_rounded_and_written_in_the_shortest_form() {
    for (value, digits, text) in [
        (222_437.912_345, 7, "222437.9"),
        (0.1 + 0.2, 7, "0.3"),
        (-0.0, 7, "0"),
        (1.0 / 3.0, 7, "0.3333333"),
        (1e300, 7, "1e300"),
        (123_456_789.0, 9, "123456789"),
        (-2.5e-9, 7, "-2.5e-9"),
    ] {
        assert_eq!(round_to_digits(value, digits), text);
    }
}

#[test]
fn forecasts_have_the_precision_of_the_values() {
    for (values, digits) in [(vec![1.0, 2.5], 7), (vec![135.077_690_3, 1.0], 10), (vec![0.1 + 0.2], 7)] {
        assert_eq!(significant_digits(&Panel::from_values(&values, 1)), digits);
    }
}
