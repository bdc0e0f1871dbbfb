//! Rows that cannot be used.

use crate::error::location::MAX_LISTED;

/// Rows whose cells cannot be used: the first of them and their number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RejectedRows {
    /// At most [`MAX_LISTED`] rows.
    pub(crate) first: Vec<usize>,
    pub(crate) count: usize,
}

impl RejectedRows {
    pub(crate) fn push(&mut self, row: usize) {
        self.count += 1;
        if self.first.len() < MAX_LISTED {
            self.first.push(row);
        }
    }

    /// `value` if no row was rejected.
    ///
    /// # Errors
    /// The rejected rows.
    pub(crate) fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.count > 0 { Err(self) } else { Ok(value) }
    }
}

impl FromIterator<usize> for RejectedRows {
    fn from_iter<I: IntoIterator<Item = usize>>(rows: I) -> Self {
        let mut rejected = Self::default();
        rows.into_iter().for_each(|row| rejected.push(row));
        rejected
    }
}
