//! Finds the seasons of series in their values.
//!
//! Every season length is tested by a regression of the series on its own past, on a line and on the season. The past
//! comes first: a random walk, a trend or a cycle of changing length is explained by it, and none of them is a season.
//! A season is found if it explains significantly more, with a correction for the number of lengths that were tested.
//! The second season is tested in the same way after the first was removed.
//!
//! Vlachos, Yu & Castelli (2005), *On periodicity detection and structural periodic similarity*, SDM, and Wen et al.
//! (2021), *`RobustPeriod`: robust time-frequency mining for multiple periodicity detection*, SIGMOD, also combine the
//! periodogram with checks at whole lags, and remove outliers first. Their tests assume noise without memory.

pub(crate) mod chance;
pub(crate) mod folded;
pub(crate) mod of_length;
pub(crate) mod prepare;

use crate::panel::season_detection::chance::{critical_score, normal_score};
use crate::panel::season_detection::folded::{Candidate, LEVEL_VARIABLE, Rows, Shape, WaveBasis, wave_basis};
use crate::panel::season_detection::prepare::{Prepared, effective_share};

/// The longest season that is searched for, in steps.
pub(crate) const MAX_LENGTH: usize = 400;
/// The maximum number of seasons.
const MAX_SEASONS: usize = 2;
/// The significance level of the first season: the probability that a panel without a season shows any.
const SIGNIFICANCE: f64 = 0.01;
/// The significance level of the second season.
const SIGNIFICANCE_OF_SECOND: f64 = 0.002;
/// A season explains at least this share of the variance that the past of the series leaves unexplained.
const MIN_STRENGTH: f64 = 0.05;
/// The same share for a second season, of a usual length and of another length.
const MIN_STRENGTH_OF_SECOND: f64 = 0.1;
const MIN_STRENGTH_OF_UNUSUAL_SECOND: f64 = 0.25;
/// The minimum number of cycles of a season with a free shape. One that explains at least `CLEAR_STRENGTH` needs fewer.
const MIN_CYCLES: f64 = 2.9;
const MIN_CYCLES_IF_CLEAR: f64 = 2.4;
const CLEAR_STRENGTH: f64 = 0.9;
/// The minimum number of cycles of a sum of few waves. With fewer, a wave may be a part of a trend. Waves of the usual
/// lengths are exempt: of a day of hours, of a week of hours or half hours, and of a year of months, weeks or days.
const MIN_CYCLES_OF_WAVES: f64 = 5.0;
const USUAL_WAVES: [usize; 6] = [12, 24, 52, 168, 336, 365];
/// Lengths in which people count time. They need fewer cycles. They are preferred to other lengths that explain the
/// values as well.
const USUAL_LENGTHS: [usize; 14] = [4, 5, 7, 12, 24, 48, 52, 60, 96, 144, 168, 288, 336, 365];
/// The pairs that are searched for in several series: of the day and the week, and of the week and the year.
const USUAL_PAIRS: [[usize; 2]; 5] = [[24, 168], [48, 336], [7, 365], [5, 260], [5, 261]];
/// A year of weeks and of days.
const YEARS: [usize; 2] = [52, 365];
/// A year is not a whole number of weeks.
const WEEKS_OF_YEAR: f64 = 365.25 / 7.0;
/// Added to the critical score of unusual lengths.
const EXTRA_SCORE_IF_UNUSUAL: f64 = 1.0;
/// Twice the log likelihood by which a usual length may be worse than the best. It is the 99 % quantile of the
/// chi-squared distribution with one degree of freedom.
const INDISTINGUISHABLE: f64 = 6.6;
/// The minimum share of the series that are long enough for a season of the panel.
const MIN_SHARE_LONG_ENOUGH: f64 = 0.5;
/// The maximum number of times that outliers are replaced and the search is repeated.
const MAX_CLEANINGS: usize = 2;
/// The minimum number of cycles for a comparison of both halves of a series.
const MIN_CYCLES_OF_HALVES: f64 = 4.0;
/// A season explains at least this multiple of what its change between the halves of the series explains.
const MIN_STEADINESS: f64 = 3.0;
/// The minimum squared t statistic of the level of a series that is no random walk: a constant and a part for each row.
const MIN_SQUARED_LEVEL: f64 = 30.0;
const SQUARED_LEVEL_PER_ROW: f64 = 0.07;
/// The penalty for the parameters of a season in one series, in units of twice the log likelihood: for each parameter,
/// and for the root of their number. The latter counts most with few parameters, which are compared with many others.
const PENALTY: f64 = 2.0;
const PENALTY_OF_ROOT: f64 = 6.0;
/// The minimum ratio of the lengths of two seasons.
const MIN_RATIO: f64 = 2.5;
/// A multiple of the first season is a second season only if it explains this multiple of what its neighbours explain.
const MIN_CONTRAST: f64 = 2.0;
/// The minimum share of what a season explains that a fraction of it explains, if the fraction is a season of its own.
const MIN_SHARE_OF_FRACTION: f64 = 0.3;
/// The maximum probability that a fraction explains so much by chance.
const SIGNIFICANCE_OF_FRACTION: f64 = 0.001;

/// The season lengths of some series in steps, ascending: those that most of them share. Missing values are NaN.
pub(crate) fn find_seasons(all_series: &[Vec<f64>]) -> Vec<usize> {
    let series: Vec<Prepared> = all_series.iter().filter_map(|values| Prepared::new(values)).collect();
    let Some(search) = Search::new(series, &[]) else { return Vec::new() };
    let Some(found) = search.best() else { return Vec::new() };
    let first = search.with_usual_length(found);
    let whole = first.candidate.length;
    let mut lengths = vec![whole];
    if let Some(fraction) = search.own_fraction(first) {
        let is_multiple = USUAL_LENGTHS.contains(&fraction) || !USUAL_LENGTHS.contains(&whole);
        lengths = if USUAL_PAIRS.contains(&[fraction, whole]) {
            vec![fraction, whole]
        } else if search.series.len() > 1 && is_multiple {
            // in several series, a season that changes slowly looks like one of its multiples
            vec![fraction]
        } else {
            vec![whole]
        };
    } else {
        let without: Vec<Prepared> = search.series.iter().map(|one| one.without_season(first.candidate)).collect();
        let removed = [first.candidate];
        let rest = Search::new(without, &removed);
        lengths.extend(rest.and_then(|rest| Some(rest.with_usual_length(rest.best()?).candidate.length)));
    }
    lengths.sort_unstable();
    lengths.truncate(MAX_SEASONS);
    lengths
}

fn lengths(candidates: &[Candidate]) -> Vec<usize> {
    candidates.iter().map(|candidate| candidate.length).collect()
}

/// The evidence for a season in all series together.
#[derive(Debug, Clone, Copy)]
struct Evidence {
    candidate: Candidate,
    /// Sums of squares that the season explains and leaves, relative to the variance of the residuals without a season.
    explained: f64,
    left: f64,
    /// The degrees of freedom of the season and of its residuals.
    parameters: f64,
    residual_freedom: f64,
    /// Twice the logarithm of the likelihood ratio to no season, and the same less the penalty for the parameters.
    log_likelihood_ratio: f64,
    penalized: f64,
    /// The number of series that are long enough.
    series: usize,
    /// Cycles in the longest series.
    cycles: f64,
}

impl Evidence {
    /// How far the season exceeds chance. `share` is the share of the series that are independent.
    fn score(&self, share: f64) -> f64 {
        let ratio = (self.explained / self.parameters) / (self.left / self.residual_freedom);
        normal_score(ratio, self.parameters * share, self.residual_freedom * share)
    }

    /// The share of the variance that the season explains, without what it would explain by chance.
    fn strength(&self) -> f64 {
        let total = (self.explained + self.left) / (self.parameters + self.residual_freedom);
        1.0 - self.left / self.residual_freedom / total
    }
}

/// The search for one season in several series.
struct Search<'a> {
    regressions: Vec<Rows>,
    series: Vec<Prepared>,
    /// The seasons that have been removed from the series.
    removed: &'a [Candidate],
    longest: usize,
    /// For each series, whether it resembles a random walk.
    are_random_walks: Vec<bool>,
    independent_share: f64,
    /// For each length and shape.
    evidence: Vec<Evidence>,
}

impl<'a> Search<'a> {
    /// `None` without a series.
    fn new(series: Vec<Prepared>, removed: &'a [Candidate]) -> Option<Self> {
        let longest = series.iter().map(|one| one.values.len()).max()?;
        let regressions: Vec<Rows> = series.iter().map(|one| one.rows(&lengths(removed))).collect();
        let are_random_walks = vec![false; series.len()];
        let mut search = Self {
            regressions,
            series,
            removed,
            longest,
            are_random_walks,
            independent_share: 1.0,
            evidence: Vec::new(),
        };
        search.collect_evidence();
        // outliers were left out before the first season was removed
        let cleanings = if removed.is_empty() { MAX_CLEANINGS } else { 0 };
        for _ in 0..cleanings {
            if !search.replace_outliers() {
                break;
            }
            search.collect_evidence();
        }
        search.are_random_walks = search.random_walks();
        if search.are_random_walks.contains(&true) {
            search.collect_evidence();
        }
        search.independent_share = effective_share(&search.regressions);
        Some(search)
    }

    fn collect_evidence(&mut self) {
        self.evidence = (2..=self.max_length()).flat_map(|length| self.evidence(length)).collect();
    }

    /// Replaces the outliers of the regression with the most likely season, which need not be one. Returns whether
    /// there were any.
    fn replace_outliers(&mut self) -> bool {
        let Some(likely) = self.most_likely() else { return false };
        let lengths = lengths(self.removed);
        let mut any = false;
        for (one, rows) in self.series.iter_mut().zip(&mut self.regressions) {
            if let Some(cleaned) = one.without_outliers(rows, likely.candidate) {
                (*rows, *one, any) = (cleaned.rows(&lengths), cleaned, true);
            }
        }
        any
    }

    /// The most likely season, which need not be one.
    fn most_likely(&self) -> Option<Evidence> {
        self.evidence.iter().max_by(|a, b| a.penalized.total_cmp(&b.penalized)).copied()
    }

    /// For each series, whether it does not return to its level, in the regression with the most likely season.
    fn random_walks(&self) -> Vec<bool> {
        let Some(candidate) = self.most_likely().map(|likely| likely.candidate) else {
            return vec![false; self.series.len()];
        };
        let is_random_walk = |rows: &Rows| {
            let fitted = rows.fit_seasons(candidate.length, &[wave_basis(candidate)]).remove(0);
            fitted.is_some_and(|fitted| {
                let (count, parameters) = (rows.count(), rows.regressors() + candidate.parameters());
                let variance = fitted.with_level / count.saturating_sub(parameters).max(1) as f64;
                let squared_level = (fitted.random_walk - fitted.with_level) / variance;
                squared_level < MIN_SQUARED_LEVEL + SQUARED_LEVEL_PER_ROW * count as f64
            })
        };
        self.regressions.iter().map(is_random_walk).collect()
    }

    fn max_length(&self) -> usize {
        MAX_LENGTH.min((self.longest as f64 / MIN_CYCLES_IF_CLEAR) as usize)
    }

    /// Of the significant seasons, the one with the best penalized likelihood.
    fn best(&self) -> Option<Evidence> {
        let level = if self.removed.is_empty() { SIGNIFICANCE } else { SIGNIFICANCE_OF_SECOND };
        let least = critical_score(level, self.evidence.len());
        let is_found = |one: &&Evidence| {
            let is_usual = USUAL_LENGTHS.contains(&one.candidate.length);
            let least = if is_usual { least } else { least + EXTRA_SCORE_IF_UNUSUAL };
            one.score(self.independent_share) >= least && self.is_plausible(one)
        };
        let mut found: Vec<Evidence> = self.evidence.iter().filter(is_found).copied().collect();
        found.sort_by(|a, b| b.penalized.total_cmp(&a.penalized));
        let best = *found.iter().find(|one| self.is_steady(one))?;
        let other = self.usual_multiple(best, &found).or_else(|| self.year_of_weeks(best));
        Some(other.unwrap_or(best))
    }

    /// A year of weeks, if the season is several years. A year is longer than 52 weeks, so that several years are a
    /// better whole number.
    fn year_of_weeks(&self, best: Evidence) -> Option<Evidence> {
        let length = best.candidate.length as f64;
        let years = (length / WEEKS_OF_YEAR).round();
        let is_several_years = years >= 2.0 && (length - years * WEEKS_OF_YEAR).abs() < 0.6;
        let year = || self.evidence(52).into_iter().find(|one| one.candidate.shape == best.candidate.shape);
        if is_several_years && !USUAL_LENGTHS.contains(&best.candidate.length) { year() } else { None }
    }

    /// A usual length that is a multiple of an unusual one, and explains more than its further parameters do by chance.
    fn usual_multiple(&self, best: Evidence, found: &[Evidence]) -> Option<Evidence> {
        let (length, series) = (best.candidate.length, self.series.len() as f64);
        let is_multiple = |one: &&Evidence| {
            let own = one.candidate.length;
            own > length
                && own.is_multiple_of(length)
                && USUAL_LENGTHS.contains(&own)
                && !USUAL_LENGTHS.contains(&length)
        };
        let explains_more = |one: &&Evidence| {
            one.log_likelihood_ratio - best.log_likelihood_ratio
                >= (one.parameters - best.parameters).max(0.0) * (1.0 + 1.0 / series.sqrt())
        };
        let multiples = found.iter().filter(is_multiple).filter(explains_more).filter(|one| self.is_steady(one));
        multiples.max_by(|a, b| a.penalized.total_cmp(&b.penalized)).copied()
    }

    /// Whether a season has the same shape in both halves of the series. A cycle that is not regular loses its phase.
    fn is_steady(&self, one: &Evidence) -> bool {
        if one.cycles < MIN_CYCLES_OF_HALVES {
            return true;
        }
        let (mut of_whole, mut of_halves) = (0.0, 0.0);
        let shape = [wave_basis(one.candidate)];
        for rows in &self.regressions {
            let Some(without) = rows.fit(None).filter(|without| without.residual > 0.0) else { continue };
            let whole = rows.fit_seasons(one.candidate.length, &shape).remove(0);
            let halves = rows.residual_of_halves(one.candidate);
            let Some((whole, halves)) = whole.zip(halves) else { continue };
            // less what both explain by chance
            let parameters = one.candidate.parameters() as f64;
            let residual_freedom = (rows.count() as f64 - rows.regressors() as f64 - 2.0 * parameters).max(1.0);
            let by_chance = parameters * halves / residual_freedom;
            of_whole += (without.residual - whole.with_level - by_chance) / without.residual;
            of_halves += (whole.with_level - halves - by_chance) / without.residual;
        }
        of_whole >= MIN_STEADINESS * of_halves
    }

    fn is_plausible(&self, one: &Evidence) -> bool {
        let Candidate { length, shape } = one.candidate;
        let is_usual = USUAL_LENGTHS.contains(&length);
        // many series of years share the cycles of an economy
        let has_usual_wave = USUAL_WAVES.contains(&length) && (self.series.len() == 1 || length >= USUAL_WAVES[2]);
        let has_cycles = match shape {
            Shape::Free if one.cycles < MIN_CYCLES => is_usual && one.strength() >= CLEAR_STRENGTH,
            Shape::Waves(_) if !has_usual_wave => one.cycles >= MIN_CYCLES_OF_WAVES,
            _ => one.cycles >= MIN_CYCLES,
        };
        let is_shared = one.series as f64 >= MIN_SHARE_LONG_ENOUGH * self.series.len() as f64;
        let least = match (self.removed.is_empty(), is_usual) {
            (true, _) => MIN_STRENGTH,
            (false, true) => MIN_STRENGTH_OF_SECOND,
            (false, false) => MIN_STRENGTH_OF_UNUSUAL_SECOND,
        };
        has_cycles && is_shared && one.strength() >= least && self.is_distinct(one)
    }

    /// Whether a season differs from those that have been removed. A season that changes slowly leaves something at its
    /// multiples, and at all of them alike.
    fn is_distinct(&self, one: &Evidence) -> bool {
        self.removed.iter().all(|removed| {
            let (own, other) = (one.candidate.length, removed.length);
            // many series whose seasons change slowly would show one of the multiples
            if self.series.len() > 1 && !USUAL_PAIRS.contains(&[own.min(other), own.max(other)]) {
                return false;
            }
            let ratio = own.max(other) as f64 / own.min(other) as f64;
            // nothing is known of seasons of several years
            let is_several_years = own > other && YEARS.contains(&other);
            if ratio < MIN_RATIO || other % own == 0 || is_several_years {
                return false;
            }
            own % other != 0
                || [own - other, own + other].iter().all(|neighbour| {
                    let explained =
                        self.evidence(*neighbour).into_iter().find(|e| e.candidate.shape == one.candidate.shape);
                    let net = |of: &Evidence| of.explained / of.parameters - 1.0;
                    explained.is_none_or(|neighbour| net(one) >= MIN_CONTRAST * net(&neighbour))
                })
        })
    }

    /// The evidence for a season of `length`, for each shape.
    fn evidence(&self, length: usize) -> Vec<Evidence> {
        let mut shapes = vec![Shape::Free];
        let waves: &[usize] = if USUAL_WAVES.contains(&length) { &[1, 2, 4] } else { &[1] };
        shapes.extend(waves.iter().filter(|waves| 2 * **waves + 2 < length).map(|waves| Shape::Waves(*waves)));
        let candidates: Vec<Candidate> = shapes.iter().map(|shape| Candidate { length, shape: *shape }).collect();
        let shapes: Vec<Option<WaveBasis>> = candidates.iter().map(|candidate| wave_basis(*candidate)).collect();
        let parameters = |candidate: &Candidate| {
            let shared: usize = self.removed.iter().map(|removed| candidate.shared_parameters(*removed)).sum();
            candidate.parameters().saturating_sub(shared)
        };
        let removed: usize = self.removed.iter().map(|removed| removed.parameters()).sum();
        let mut all: Vec<Evidence> = candidates
            .iter()
            .map(|candidate| Evidence {
                candidate: *candidate,
                explained: 0.0,
                left: 0.0,
                parameters: 0.0,
                residual_freedom: 0.0,
                log_likelihood_ratio: 0.0,
                penalized: 0.0,
                series: 0,
                cycles: self.longest as f64 / length as f64,
            })
            .collect();
        for (rows, is_random_walk) in self.regressions.iter().zip(&self.are_random_walks) {
            let nulls = rows.fit(None).zip(rows.fit(Some(LEVEL_VARIABLE)));
            let Some((with_level, random_walk)) = nulls.filter(|(null, _)| null.residual > 0.0) else { continue };
            let count = rows.count() as f64;
            let min_freedom = (length as f64 / 2.0).max(4.0);
            let fits = rows.fit_seasons(length, &shapes);
            for (one, fitted) in all.iter_mut().zip(fits) {
                let parameters = parameters(&one.candidate) as f64;
                let residual_freedom = count - (rows.regressors() + removed) as f64 - parameters;
                let Some(fitted) = fitted.filter(|_| residual_freedom >= min_freedom && parameters > 0.0) else {
                    continue;
                };
                // next to a slow wave, a random walk would look like a series around that wave
                let is_random_walk = one.candidate.shape != Shape::Free && *is_random_walk;
                let as_level = (with_level.residual, fitted.with_level);
                let as_random_walk = (random_walk.residual, fitted.random_walk);
                let is_less = as_random_walk.0 * as_level.1 < as_level.0 * as_random_walk.1;
                let (before, after) = if is_random_walk && is_less { as_random_walk } else { as_level };
                let freedom = parameters + residual_freedom;
                let left = after.clamp(0.0, before);
                one.explained += (before - left) * freedom / before;
                one.left += left * freedom / before;
                one.parameters += parameters;
                one.residual_freedom += residual_freedom;
                let log_likelihood_ratio = residual_freedom * (before / left.max(1e-10 * before)).ln();
                one.log_likelihood_ratio += log_likelihood_ratio;
                one.penalized += log_likelihood_ratio - self.penalty(parameters);
                one.series += 1;
            }
        }
        all.into_iter().filter(|one| one.series > 0).collect()
    }

    /// What the parameters of a season must add in each series. Chance adds 1 for each, and adds it more evenly to many
    /// series than to one.
    fn penalty(&self, parameters: f64) -> f64 {
        let series = self.series.len() as f64;
        parameters * (1.0 + PENALTY / series.sqrt()) + parameters.sqrt() * PENALTY_OF_ROOT / series
    }

    /// The usual length that explains the values about as well as the one found.
    fn with_usual_length(&self, found: Evidence) -> Evidence {
        let near = |length: &&usize| {
            let distance = length.abs_diff(found.candidate.length);
            **length >= 20 && distance > 0 && distance * 10 <= found.candidate.length
        };
        let usual = USUAL_LENGTHS.iter().filter(near).flat_map(|length| self.evidence(*length));
        let usual = usual.filter(|one| one.candidate.shape == found.candidate.shape);
        let indistinguishable =
            usual.filter(|one| one.log_likelihood_ratio >= found.log_likelihood_ratio - INDISTINGUISHABLE);
        indistinguishable.max_by(|a, b| a.log_likelihood_ratio.total_cmp(&b.log_likelihood_ratio)).unwrap_or(found)
    }

    /// A fraction of a season that is a season of its own: it explains more than the waves that it lacks.
    fn own_fraction(&self, whole: Evidence) -> Option<usize> {
        let length = whole.candidate.length;
        if whole.candidate.shape != Shape::Free {
            return None;
        }
        // of one series, twice a season is not worth two
        let least_count = if self.series.len() > 1 { 2 } else { 3 };
        let fractions = (2..=length / least_count).filter(|fraction| length.is_multiple_of(*fraction));
        let free = fractions.filter_map(|fraction| self.evidence(fraction).into_iter().next());
        let level = critical_score(SIGNIFICANCE_OF_FRACTION, 1);
        let is_own = |part: &Evidence| {
            let (parameters, others) = (part.parameters, whole.parameters - part.parameters);
            let ratio = (part.explained / parameters) / ((whole.explained - part.explained).max(1e-9) / others);
            part.explained >= MIN_SHARE_OF_FRACTION * whole.explained
                && normal_score(ratio, parameters * self.independent_share, others * self.independent_share) >= level
        };
        let is_usual = |part: &Evidence| USUAL_LENGTHS.contains(&part.candidate.length);
        let by_rank =
            |a: &Evidence, b: &Evidence| (is_usual(a).cmp(&is_usual(b))).then(a.penalized.total_cmp(&b.penalized));
        free.filter(is_own).max_by(by_rank).map(|part| part.candidate.length)
    }
}
