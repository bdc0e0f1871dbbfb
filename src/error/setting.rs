//! The settings of a reader, as errors name them.

use std::fmt;

/// A setting of [`ReadOptions`](crate::read::ReadOptions) that names columns or numbers.
///
/// ```
/// use forecast::error::Setting;
///
/// assert_eq!(Setting::Target.to_string(), "the target");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// [`ReadOptions::time`](crate::read::ReadOptions::time).
    Time,
    /// [`ReadOptions::target`](crate::read::ReadOptions::target).
    Target,
    /// [`ReadOptions::ids`](crate::read::ReadOptions::ids).
    Ids,
    /// [`ReadOptions::wide`](crate::read::ReadOptions::wide).
    Wide,
    /// [`ReadOptions::covariates`](crate::read::ReadOptions::covariates).
    Covariates,
    /// [`ReadOptions::season`](crate::read::ReadOptions::season).
    Season,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "the time column",
            Self::Target => "the target",
            Self::Ids => "an id column",
            Self::Wide => "a series of its own",
            Self::Covariates => "a covariate",
            Self::Season => "the season length",
        })
    }
}
