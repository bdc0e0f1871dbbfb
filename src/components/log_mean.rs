//! The parts of a sum of logarithms as amounts that add up.

/// Parts of a history and its forecast: one value for each step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parts {
    pub(crate) level: Vec<f64>,
    pub(crate) seasons: Vec<Vec<f64>>,
    pub(crate) rest: Vec<f64>,
}

/// The parts of values whose logarithms were split. The level is its exponential. A season is its part of what all
/// seasons together add to the level, in proportion to its logarithm.
///
/// This is the logarithmic mean Divisia index: Ang (2005), *The LMDI approach to decomposition analysis*, Energy Policy
/// 33(7). It leaves no remainder, and the order of the seasons does not matter.
pub(crate) fn additive_parts(logarithms: Parts) -> Parts {
    let Parts { level, mut seasons, rest } = logarithms;
    let mut amounts = Parts { level: Vec::new(), seasons: Vec::new(), rest: Vec::new() };
    for (at, (level, rest)) in level.iter().zip(&rest).enumerate() {
        let of_seasons: f64 = seasons.iter().map(|season| season[at]).sum();
        let (base, without_rest) = (level.exp(), (level + of_seasons).exp());
        let factor = logarithmic_mean(base, without_rest);
        seasons.iter_mut().for_each(|season| season[at] *= factor);
        amounts.level.push(base);
        amounts.rest.push((level + of_seasons + rest).exp() - without_rest);
    }
    Parts { seasons, ..amounts }
}

/// `(a - b) / ln(a / b)`, and `a` if both are equal. Both are positive.
fn logarithmic_mean(a: f64, b: f64) -> f64 {
    let ratio = (a / b).ln();
    if ratio.abs() < 1e-12 { a } else { (a - b) / ratio }
}
