//! Tests one series for seasons of given lengths, one after the other.

use crate::panel::season_detection::chance::critical_score;
use crate::panel::season_detection::folded::Candidate;
use crate::panel::season_detection::prepare::Prepared;
use crate::panel::season_detection::{Evidence, MIN_STRENGTH, SIGNIFICANCE, Search, lengths};

/// The lengths of which a series has a season, ascending. Missing values are NaN. A season has two cycles at least, and
/// is tested after the shorter ones were removed, as in the search for seasons.
pub(crate) fn seasons_of_lengths(values: &[f64], tested: &[usize]) -> Vec<usize> {
    let Some(mut series) = Prepared::new(values) else { return Vec::new() };
    let mut tested: Vec<usize> = tested.iter().copied().filter(|m| *m > 1 && 2 * m <= series.values.len()).collect();
    tested.sort_unstable();
    tested.dedup();
    let mut found: Vec<Candidate> = Vec::new();
    for length in tested {
        if let Some(season) = season_of_length(series.clone(), length, &found) {
            series = series.without_season(season);
            found.push(season);
        }
    }
    lengths(&found)
}

/// The most likely shape of a season of this length, if it is significant.
fn season_of_length(series: Prepared, length: usize, removed: &[Candidate]) -> Option<Candidate> {
    let mut search = Search {
        regressions: vec![series.rows(&lengths(removed))],
        longest: series.values.len(),
        series: vec![series],
        removed,
        are_random_walks: vec![false],
        independent_share: 1.0,
        evidence: Vec::new(),
    };
    search.evidence = search.evidence(length);
    // outliers were left out before the first season was removed
    if removed.is_empty() && search.replace_outliers() {
        search.evidence = search.evidence(length);
    }
    search.are_random_walks = search.random_walks();
    search.evidence = search.evidence(length);
    let least = critical_score(SIGNIFICANCE, search.evidence.len());
    let is_found = |one: &&Evidence| one.score(1.0) >= least && one.strength() >= MIN_STRENGTH;
    let found = search.evidence.iter().filter(is_found);
    found.max_by(|a, b| a.penalized.total_cmp(&b.penalized)).map(|one| one.candidate)
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    fn noise(seed: u64, count: usize) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..count).map(|_| rng.sample(StandardNormal)).collect()
    }

    #[test]
    fn seasons_are_found_by_their_lengths_and_noise_has_none() {
        let tau = std::f64::consts::TAU;
        let mut false_seasons = 0;
        for seed in 0..40 {
            let noise = noise(seed, 800);
            let week = |t: usize| 2.0 * f64::from(t % 7 == 2);
            let year = |t: usize| 2.0 * (tau * t as f64 / 365.0).sin();
            let with = |of: &dyn Fn(usize) -> f64| (0..800).map(|t| noise[t] + of(t)).collect::<Vec<f64>>();
            assert_eq!(seasons_of_lengths(&with(&week), &[7, 365]), [7], "{seed}");
            assert_eq!(seasons_of_lengths(&with(&|t| week(t) + year(t)), &[365, 7]), [7, 365], "{seed}");
            false_seasons += seasons_of_lengths(&noise, &[7, 12]).len();
            // a random walk has no season
            let walk: Vec<f64> = noise
                .iter()
                .scan(0.0, |sum, x| {
                    *sum += x;
                    Some(*sum)
                })
                .collect();
            false_seasons += seasons_of_lengths(&walk, &[7, 12]).len();
        }
        // 160 tests at a level of 1 %
        assert!(false_seasons <= 5, "{false_seasons}");
        assert!(seasons_of_lengths(&[1.0; 90], &[7]).is_empty() && seasons_of_lengths(&[], &[7]).is_empty());
    }
}
