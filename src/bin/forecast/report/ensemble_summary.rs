//! What a model that weighs others made of them: a line for everyone, a table for those who ask for more.

use comfy_table::{Cell, Table, presets};
use forecast::model::{Component, EnsembleWeights};

use crate::report::forecast_table::{fixed, grouped, number_cell};

/// Parts that the line names.
const NAMED: usize = 4;

/// What stands in place of an error that is not there.
const NONE: &str = "–";

/// A part and what it counts over all series.
struct Sum<'a> {
    name: &'a str,
    weight: f64,
    /// The series in which it counts.
    series: usize,
}

/// `auto: network 1 on ridge 0.31, direct ridge (log) 0.22, 5 more 0.47; weighed by their errors at 8 rolling origins`
pub(crate) fn line(model: &str, weighings: &[EnsembleWeights]) -> Option<String> {
    let (first, several) = (weighings.first()?, weighings.len() > 1);
    let sums = sums(weighings);
    let counted: Vec<&Sum<'_>> = sums.iter().filter(|sum| sum.weight > 0.0).collect();
    if let ([only], false) = (counted.as_slice(), several) {
        let why = if first.parts.len() == 1 { "nothing else suits this history" } else { "nothing else came near it" };
        return Some(format!("{model}: {} alone, {why}", only.name));
    }
    // one more is as short as `1 more`
    let named = if counted.len() <= NAMED + 1 { counted.len() } else { NAMED };
    let mut words: Vec<String> = counted[..named].iter().map(|sum| format!("{} {:.2}", sum.name, sum.weight)).collect();
    let rest: f64 = counted[named..].iter().map(|sum| sum.weight).sum();
    if named < counted.len() {
        words.push(format!("{} more {rest:.2}", counted.len() - named));
    }
    let words = words.join(", ");
    let origins = weighings.iter().map(|weighing| weighing.origins).max().unwrap_or(0);
    let why = if origins == 1 && first.parts.iter().all(|part| part.error.is_some()) {
        "by their errors over the last horizon, held out".to_owned()
    } else if origins < 2 {
        "too little history to weigh them by their errors".to_owned()
    } else if several {
        format!("in each by their errors at up to {origins} rolling origins")
    } else {
        format!("weighed by their errors at {origins} rolling origins")
    };
    let over = if several {
        format!("on average over {} series ", grouped(&weighings.len().to_string()))
    } else {
        String::new()
    };
    Some(format!("{model}: {over}{words}; {why}"))
}

/// Every part with its weight: for one series its error too, for several the number of series in which it counts.
pub(crate) fn table(weighings: &[EnsembleWeights]) -> Option<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    match weighings {
        [] => return None,
        [only] => {
            table.set_header(vec![Cell::new("part"), number_cell("weight".into()), number_cell("error".into())]);
            let decimals = decimals(&only.parts);
            for Component { name, weight, error } in &only.parts {
                let error = error.map_or_else(|| NONE.to_owned(), |error| fixed(error, decimals));
                table.add_row(vec![Cell::new(name), number_cell(format!("{weight:.3}")), number_cell(error)]);
            }
        }
        several => {
            let counts = format!("counts in (of {})", several.len());
            table.set_header(vec![Cell::new("part"), number_cell("mean weight".into()), number_cell(counts)]);
            for Sum { name, weight, series } in sums(several) {
                let cells = [format!("{weight:.3}"), grouped(&series.to_string())].map(number_cell);
                table.add_row(std::iter::once(Cell::new(name)).chain(cells));
            }
        }
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// Every part's mean weight over the series, the greatest first.
fn sums(weighings: &[EnsembleWeights]) -> Vec<Sum<'_>> {
    let mut sums: Vec<Sum<'_>> = Vec::new();
    for Component { name, weight, .. } in weighings.iter().flat_map(|weighing| &weighing.parts) {
        let share = weight / weighings.len() as f64;
        let counts = usize::from(*weight > 0.0);
        match sums.iter_mut().find(|sum| sum.name == name) {
            Some(sum) => (sum.weight, sum.series) = (sum.weight + share, sum.series + counts),
            None => sums.push(Sum { name, weight: share, series: counts }),
        }
    }
    sums.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    sums
}

/// Decimals that show four digits of the least error above zero.
fn decimals(parts: &[Component]) -> usize {
    let errors = parts.iter().filter_map(|part| part.error).filter(|error| *error > 0.0);
    let least = errors.fold(f64::INFINITY, f64::min);
    if least.is_finite() { (3.0 - least.log10().floor()).clamp(0.0, 9.0) as usize } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighing(key: &[&str], origins: usize, parts: &[(&str, f64, Option<f64>)]) -> EnsembleWeights {
        let part = |&(name, weight, error): &(&str, f64, Option<f64>)| Component { name: name.into(), weight, error };
        let key = key.iter().map(|id| (*id).to_owned()).collect();
        EnsembleWeights { key, origins, parts: parts.iter().map(part).collect() }
    }

    #[test]
    fn the_line_names_the_first_few_and_says_by_what() {
        let many: Vec<(&str, f64, Option<f64>)> = vec![
            ("network 1 on ridge", 0.31, Some(1234.5)),
            ("direct ridge (log)", 0.22, Some(1301.0)),
            ("theta", 0.2, Some(1350.25)),
            ("ets", 0.15, Some(1400.0)),
            ("naive", 0.07, Some(1500.0)),
            ("mean", 0.05, Some(1510.0)),
            ("drift", 0.0, None),
        ];
        let cases = [
            vec![weighing(&[], 8, &many)],
            vec![weighing(&[], 8, &many[..5])],
            vec![weighing(&[], 0, &[("naive", 0.5, None), ("theta", 0.5, None)])],
            vec![weighing(&[], 8, &[("naive", 1.0, Some(0.0))])],
            vec![weighing(&[], 8, &[("ets", 1.0, Some(0.5)), ("naive", 0.0, Some(9.0))])],
            vec![
                weighing(&["a"], 8, &many),
                weighing(&["b"], 3, &[("theta", 0.5, Some(0.5)), ("croston", 0.5, Some(0.5))]),
            ],
        ];
        let said =
            cases.iter().map(|case| line("auto", case).unwrap_or_default() + "\n" + &table(case).unwrap_or_default());
        insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n\n"));
        assert_eq!((line("lstm", &[]), table(&[])), (None, None));
    }
}
