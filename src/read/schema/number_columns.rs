//! Parses several columns of numbers in one pass over the file.

use crate::panel::repair_log::BadRowPolicy;
use crate::read::format::delimited::DelimitedText;
use crate::read::notice::Notice;
use crate::read::parse::number_column::{NumberColumn, NumberError, NumberParser, parse_numbers};
use crate::read::schema::column_inference::ColumnInference;

#[derive(Debug)]
pub(crate) struct NumberColumns {
    /// The values of each column, NaN where one is missing.
    pub(crate) values: Vec<Vec<f64>>,
    pub(crate) notices: Vec<Notice>,
}

impl NumberColumns {
    pub(crate) fn parse(inference: &ColumnInference<'_>, columns: &[usize]) -> Result<Self, (usize, NumberError)> {
        let skip = inference.options.bad_rows == BadRowPolicy::Skip;
        let parsed = match inference.table.text() {
            Some(text) if columns.len() > 1 => parse_text(inference, text, columns, skip)?,
            _ => {
                let parse = |at: &usize| {
                    let cells = &inference.table.columns[*at].cells;
                    parse_numbers(cells, inference.decimal, skip).map_err(|error| (*at, error))
                };
                columns.iter().map(parse).collect::<Result<_, _>>()?
            }
        };
        let mut notices = Vec::new();
        if let Some(at) = parsed.iter().position(|numbers| numbers.is_percent) {
            notices.push(Notice::PercentColumn { column: inference.name(columns[at]) });
        }
        let first = parsed.iter().find_map(|numbers| numbers.skipped.first.first());
        if let Some(first) = first {
            let cells = parsed.iter().map(|numbers| numbers.skipped.count).sum();
            notices.push(Notice::CellsSkipped { cells, first: inference.table.locations.of(*first) });
        }
        Ok(Self { values: parsed.into_iter().map(|numbers| numbers.values).collect(), notices })
    }
}

/// Parses columns of a delimited text row by row, so that each row is split once.
fn parse_text(
    inference: &ColumnInference<'_>,
    text: &DelimitedText,
    columns: &[usize],
    skip: bool,
) -> Result<Vec<NumberColumn>, (usize, NumberError)> {
    let rows = inference.table.rows;
    let mut parsers: Vec<NumberParser> = columns.iter().map(|_| NumberParser::new(inference.decimal, rows)).collect();
    let mut by_column: Vec<(usize, usize)> = columns.iter().copied().enumerate().map(|(at, c)| (c, at)).collect();
    by_column.sort_unstable();
    for row in 0..rows {
        let mut cells = text.cells(row).enumerate();
        for (column, parser) in &by_column {
            let cell = cells.find(|(at, _)| at == column).map(|(_, cell)| cell);
            parsers[*parser].push(row, cell.as_deref());
        }
    }
    let finish = |(column, parser): (&usize, NumberParser)| parser.finish(skip).map_err(|error| (*column, error));
    columns.iter().zip(parsers).map(finish).collect()
}
