//! The weights of an ensemble: one line, and a table for `--verbose`.

use forecast::model::{EnsembleWeights, MeanWeight, Member};

use crate::report::text_table::{self, UNDEFINED, count, decimals_of_smallest, fixed};

/// The maximum number of members that the line names.
const MAX_NAMED: usize = 4;

/// The name of the member that forecasts counts with many zeros, and what the line says of it.
const COUNTS: &str = "counts";
const COUNTS_IN_WORDS: &str = "the distribution of the counts alone, as for values with many zeros";

/// `auto: network 1 on ridge 0.31, direct ridge (log) 0.22, 5 more 0.47; weighted by errors at 8 origins`
pub(crate) fn line(model: &str, series: &[EnsembleWeights]) -> Option<String> {
    let first = series.first()?;
    let means = MeanWeight::of(series);
    let used: Vec<&MeanWeight<'_>> = means.iter().filter(|mean| mean.weight > 0.0).collect();
    if let ([only], [_]) = (used.as_slice(), series) {
        let member = &first.members[0];
        let why = match first.members.len() {
            1 if member.name == COUNTS => return Some(format!("{model}: {COUNTS_IN_WORDS}")),
            1 if member.error == Some(0.0) => "it repeats this history without an error",
            1 => "no other model fits this history",
            _ => "every other error is much larger",
        };
        return Some(format!("{model}: {} alone, {why}", only.name));
    }
    let over =
        if series.len() > 1 { format!("mean weights over {} series: ", count(series.len())) } else { String::new() };
    Some(format!("{model}: {over}{}; {}", named_weights(&used), basis(series)))
}

/// `theta 0.40, ets 0.30, naive 0.10, mean 0.10, 2 more 0.10`
fn named_weights(used: &[&MeanWeight<'_>]) -> String {
    // one more name is as short as `1 more`
    let (named, rest) = used.split_at(if used.len() <= MAX_NAMED + 1 { used.len() } else { MAX_NAMED });
    let mut words: Vec<String> = named.iter().map(|mean| format!("{} {:.2}", mean.name, mean.weight)).collect();
    if !rest.is_empty() {
        let weight: f64 = rest.iter().map(|mean| mean.weight).sum();
        words.push(format!("{} more {weight:.2}", rest.len()));
    }
    words.join(", ")
}

/// The errors on which the weights are based. A single origin has errors if it is a holdout.
fn basis(series: &[EnsembleWeights]) -> String {
    let is_weighted_by_errors = series[0].members.iter().all(|member| member.error.is_some());
    match series.iter().map(|weights| weights.origins).max().unwrap_or(0) {
        1 if is_weighted_by_errors => "weighted by errors on a holdout of the last horizon".into(),
        0 | 1 => "the history is too short to weight them by errors".into(),
        origins if series.len() > 1 => format!("weighted in each series by errors at up to {origins} origins"),
        origins => format!("weighted by errors at {origins} origins"),
    }
}

/// Every member with its weight: for one series also its error, for several the number of series that use it.
pub(crate) fn table(series: &[EnsembleWeights]) -> Option<String> {
    match series {
        [] => None,
        [only] => {
            let decimals = decimals_of_smallest(only.members.iter().filter_map(|member| member.error));
            let rows = only.members.iter().map(|Member { name, weight, error }| {
                let error = error.map_or(UNDEFINED.into(), |error| fixed(error, decimals));
                [name.clone(), format!("{weight:.3}"), error]
            });
            Some(text_table::draw(1, ["member", "weight", "error"], rows))
        }
        several => {
            let used_in = format!("series (of {})", count(several.len()));
            let means = MeanWeight::of(several).into_iter();
            let rows = means.map(|mean| [mean.name.into(), format!("{:.3}", mean.weight), count(mean.series)]);
            Some(text_table::draw(1, ["member", "mean weight", &used_in], rows))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(origins: usize, members: &[(&str, f64, Option<f64>)]) -> EnsembleWeights {
        let member = |(name, weight, error): (&str, f64, _)| Member { name: name.into(), weight, error };
        EnsembleWeights { key: Vec::new(), origins, members: members.iter().copied().map(member).collect() }
    }

    #[test]
    fn the_line_names_the_largest_weights_and_what_they_are_based_on() {
        let many = [
            ("network 1 on ridge", 0.31, Some(1234.5)),
            ("direct ridge (log)", 0.22, Some(1301.0)),
            ("theta", 0.2, Some(1350.25)),
            ("ets", 0.15, Some(1400.0)),
            ("naive", 0.07, Some(1500.0)),
            ("mean", 0.05, Some(1510.0)),
            ("drift", 0.0, None),
        ];
        let cases = [
            vec![weights(8, &many)],
            vec![weights(8, &many[..5])],
            vec![weights(0, &[("naive", 0.5, None), ("theta", 0.5, None)])],
            vec![weights(8, &[("naive", 1.0, Some(0.0))])],
            vec![weights(8, &[("ets", 1.0, Some(0.5)), ("naive", 0.0, Some(9.0))])],
            vec![weights(8, &many), weights(3, &[("theta", 0.5, Some(0.5)), ("croston", 0.5, Some(0.5))])],
        ];
        let text = |case: &Vec<_>| line("auto", case).unwrap_or_default() + "\n" + &table(case).unwrap_or_default();
        insta::assert_snapshot!(cases.each_ref().map(text).join("\n\n"));
        assert_eq!((line("lstm", &[]), table(&[])), (None, None));
    }
}
