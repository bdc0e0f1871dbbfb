//! A part of the series of a panel.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::panel::Panel;
use crate::panel::seasons::KnownSteps;

/// Stands between the ids of a series when they are hashed.
const SEPARATOR: &str = "\u{1f}";

impl Panel {
    /// The positions of at most `count` series, which are those with the smallest hashes of their ids. The sample is the
    /// same in every order and in every part of the panel that has it.
    ///
    /// The hash is SHA-256 of the ids in the order of their columns, in UTF-8 with the character U+001F between two ids.
    ///
    /// # Panics
    /// If `count` is 0.
    pub fn sample(&self, count: usize) -> Vec<usize> {
        assert!(count > 0, "a sample has a series");
        let hash = |key: &[String]| -> [u8; 32] { Sha256::digest(key.join(SEPARATOR)).into() };
        let mut hashes: Vec<([u8; 32], usize)> =
            self.iter().enumerate().map(|(at, series)| (hash(series.key), at)).collect();
        hashes.sort_unstable();
        let mut positions: Vec<usize> = hashes.into_iter().take(count).map(|(_, at)| at).collect();
        positions.sort_unstable();
        positions
    }

    /// The panel of the series at some positions, which ascend. Its frequency and its seasons are those of this panel.
    ///
    /// ```
    /// use forecast::panel::Columns;
    /// use forecast::{Frequency, Panel, Series, Timestamp};
    ///
    /// let series = |shop: &str| Series {
    ///     key: vec![shop.into()],
    ///     start: Timestamp::Index(1),
    ///     values: vec![1.0, 2.0],
    ///     observed: vec![true; 2],
    /// };
    /// let columns = Columns { time: None, target: "sales".into(), ids: vec!["shop".into()] };
    /// let panel = Panel::new(columns, Frequency::INDEX, 1, vec![series("centre"), series("harbour")])?;
    /// assert_eq!(panel.only(&[1]).iter().next().expect("one series").key, ["harbour"]);
    /// # Ok::<(), forecast::Error>(())
    /// ```
    ///
    /// # Panics
    /// If there is no position, or one is not that of a series.
    #[must_use]
    pub fn only(&self, positions: &[usize]) -> Self {
        assert!(!positions.is_empty(), "a panel has a series");
        let mut actual = BTreeMap::new();
        for (to, from) in positions.iter().enumerate() {
            actual.extend(self.replaced_values(*from).map(|(at, value)| ((to, at), value)));
        }
        let of_covariates = |from: &usize| self.covariates.values(*from).to_vec();
        let covariates = if self.covariates.is_empty() {
            self.covariates.clone()
        } else {
            self.covariates.with_values(positions.iter().map(of_covariates).collect())
        };
        Self {
            series: positions.iter().map(|from| self.series[*from].clone()).collect(),
            actual,
            covariates,
            columns: self.columns.clone(),
            seasons: self.seasons.clone(),
            known_steps: KnownSteps::default(),
            ..*self
        }
    }
}
