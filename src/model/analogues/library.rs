//! All stretches of a panel's series that something came after, and those most alike by their outline.
//!
//! A stretch's outline is what is left of it at [`OUTLINE`] low frequencies once its level and its size are taken out: the
//! distance of two outlines is never more than that of the stretches (Faloutsos, Ranganathan, Manolopoulos 1994, *Fast
//! subsequence matching in time-series databases*, SIGMOD). A k-d tree finds the nearest among millions.

use std::num::NonZero;

use kiddo::SquaredEuclidean;
use kiddo::immutable::float::kdtree::ImmutableKdTree;

use crate::data::TimeSeries;
use crate::model::parallel;

/// Numbers in an outline.
const OUTLINE: usize = 8;
/// Outlines in a leaf of the tree.
const LEAF: usize = 32;
/// A stretch whose values differ by less than this share of their size is flat.
const FLAT: f64 = 1e-9;

type Outline = [f32; OUTLINE];

/// Stretches of one length in known values, each with what came after it.
pub(super) struct Library<'a> {
    known: &'a [TimeSeries<'a>],
    length: usize,
    horizon: usize,
    waves: Vec<Outline>,
    tree: ImmutableKdTree<f32, u32, OUTLINE, LEAF>,
    /// Where each stretch in the tree begins.
    places: Vec<Place>,
}

/// Where a stretch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) series: u32,
    start: u32,
}

impl<'a> Library<'a> {
    /// Of all stretches of `length` values that were all observed, as was the value after them, and are not flat; `None`
    /// where there is none, or more than can be counted.
    pub(super) fn new(known: &'a [TimeSeries<'a>], length: usize, horizon: usize) -> Option<Self> {
        let waves = waves(length);
        let numbers: Vec<usize> = (0..known.len()).collect();
        let of = |number: &usize| -> Vec<(u32, Outline)> {
            let series = &known[*number];
            let stretches = series.values.windows(length + 1).zip(series.observed.windows(length + 1));
            let outlined = |(start, (values, observed)): (usize, (&[f64], &[bool]))| {
                let usable = observed.iter().all(|o| *o);
                usable.then(|| Some((start as u32, outline(&values[..length], &waves)?))).flatten()
            };
            stretches.enumerate().filter_map(outlined).collect()
        };
        let (mut places, mut outlines) = (Vec::new(), Vec::new());
        for (number, of_one) in parallel::map(&numbers, of, |_| {}).into_iter().enumerate() {
            for (start, outline) in of_one {
                places.push(Place { series: number as u32, start });
                outlines.push(outline);
            }
        }
        if outlines.is_empty() || u32::try_from(outlines.len()).is_err() {
            return None;
        }
        let tree = ImmutableKdTree::new_from_slice(&outlines);
        Some(Self { known, length, horizon, waves, tree, places })
    }

    pub(super) fn horizon(&self) -> usize {
        self.horizon
    }

    /// The end of a series that is looked for; `None` where it is too short, or not all of it was observed.
    pub(super) fn end_of<'s>(&self, series: &TimeSeries<'s>) -> Option<&'s [f64]> {
        let start = series.len().checked_sub(self.length)?;
        series.observed[start..].iter().all(|o| *o).then(|| &series.values[start..])
    }

    /// The stretches whose outlines are nearest; `None` where the end is flat.
    pub(super) fn nearest(&self, end: &[f64], count: NonZero<usize>) -> Option<Vec<Place>> {
        let outline = outline(end, &self.waves)?;
        let found = self.tree.nearest_n::<SquaredEuclidean>(&outline, count);
        Some(found.into_iter().map(|near| self.places[near.item as usize]).collect())
    }

    /// A stretch and what came before it, `reach` times its length in all if there is as much.
    pub(super) fn before(&self, place: Place, reach: usize) -> &'a [f64] {
        let end = place.start as usize + self.length;
        &self.known[place.series as usize].values[end.saturating_sub(reach * self.length)..end]
    }

    /// The values before and after the step that came `k` steps after a stretch; none where that is not known.
    pub(super) fn around(&self, place: Place, k: usize) -> &'a [f64] {
        let end = place.start as usize + self.length + k;
        let TimeSeries { values, observed, .. } = self.known[place.series as usize];
        if observed.get(end) == Some(&true) { &values[end - 1..=end] } else { &[] }
    }
}

/// The cosines of an orthonormal basis (DCT-II) at each step of a stretch, without that of frequency 0.
fn waves(length: usize) -> Vec<Outline> {
    let step = std::f64::consts::PI / length as f64;
    let size = (2.0 / length as f64).sqrt();
    let at = |t: usize| std::array::from_fn(|k| (size * (step * (t as f64 + 0.5) * (k + 1) as f64).cos()) as f32);
    (0..length).map(at).collect()
}

/// `None` of a stretch that is flat.
fn outline(values: &[f64], waves: &[Outline]) -> Option<Outline> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let norm = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>().sqrt();
    if !norm.is_finite() || norm <= FLAT * mean.abs().max(f64::MIN_POSITIVE) * (values.len() as f64).sqrt() {
        return None;
    }
    let mut outline = [0.0; OUTLINE];
    for (value, wave) in values.iter().zip(waves) {
        let value = ((value - mean) / norm) as f32;
        for (sum, cosine) in outline.iter_mut().zip(wave) {
            *sum += value * cosine;
        }
    }
    Some(outline)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::super::tests::{panel, walk};
    use super::*;

    #[test]
    fn the_nearest_outlines_are_those_of_a_look_at_all() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let panel = panel((0..5).map(|_| walk(80, &mut rng)).collect());
        let known: Vec<TimeSeries<'_>> = panel.iter().collect();
        let library = Library::new(&known, 14, 7).expect("long enough");
        assert_eq!(library.places.len(), 5 * 66);
        for series in &known {
            let end = library.end_of(series).expect("long enough");
            let own = outline(end, &library.waves).expect("not flat");
            let far = |place: &Place| -> f32 {
                let other = outline(library.before(*place, 1), &library.waves).expect("not flat");
                own.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum()
            };
            let mut all = library.places.clone();
            all.sort_by(|a, b| far(a).total_cmp(&far(b)));
            let found = library.nearest(end, NonZero::new(6).expect("not zero")).expect("not flat");
            assert_eq!(found, all[..6]);
        }
    }

    #[test]
    fn outlines_forget_level_and_size_and_are_never_farther_apart_than_the_stretches() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let waves = waves(20);
        let normed = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / 20.0;
            let norm = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>().sqrt();
            values.iter().map(|v| (v - mean) / norm).collect::<Vec<f64>>()
        };
        for _ in 0..50 {
            let (one, other) = (walk(20, &mut rng), walk(20, &mut rng));
            let moved: Vec<f64> = one.iter().map(|v| 0.3 * v + 1000.0).collect();
            let of = |values: &[f64]| outline(values, &waves).expect("not flat");
            let apart = |a: &Outline, b: &Outline| a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
            assert!(apart(&of(&one), &of(&moved)) < 1e-10);
            let stretches: f64 = normed(&one).iter().zip(normed(&other)).map(|(a, b)| (a - b).powi(2)).sum();
            assert!(apart(&of(&one), &of(&other)) <= stretches + 1e-5);
        }
        assert_eq!(outline(&[7.0; 20], &waves), None);
        assert_eq!(outline(&[f64::MAX; 20], &waves), None);
    }
}
