//! Words for yes and no.

/// A word for yes and one for no, in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    yes: &'static str,
    no: &'static str,
}

const PAIRS: [Pair; 10] = [
    Pair { yes: "true", no: "false" },
    Pair { yes: "yes", no: "no" },
    Pair { yes: "y", no: "n" },
    Pair { yes: "t", no: "f" },
    Pair { yes: "ja", no: "nein" },
    Pair { yes: "wahr", no: "falsch" },
    Pair { yes: "oui", no: "non" },
    Pair { yes: "vrai", no: "faux" },
    Pair { yes: "sí", no: "no" },
    Pair { yes: "on", no: "off" },
];

impl Pair {
    /// The pair that has all of these words.
    pub(crate) fn of(words: &[String]) -> Option<Self> {
        PAIRS
            .into_iter()
            .find(|pair| !words.is_empty() && words.iter().all(|word| number(word.trim(), *pair).is_some()))
    }
}

/// 1 for yes, 0 for no; `None` for other words. Letter case does not matter.
pub(crate) fn number(word: &str, pair: Pair) -> Option<f64> {
    let is = |other: &str| word.to_lowercase() == other;
    if is(pair.yes) { Some(1.0) } else { is(pair.no).then_some(0.0) }
}
