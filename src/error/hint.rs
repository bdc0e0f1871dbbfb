//! The way out of every error.

use crate::error::Error;

impl Error {
    /// The way out, as one sentence or command; `None` where the message already says it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Io { .. } | Self::Torch { .. } | Self::UnknownName { .. } | Self::InvalidInput { .. } => None,
            Self::TooShort { .. } => {
                Some("`--model seasonal-naive` works from one value on; a smaller --horizon needs fewer values".into())
            }
            Self::Diverged { .. } => Some("try a smaller --learning-rate or a smaller --clip".into()),
            Self::NoModel { .. } => {
                Some("name the folder that `forecast train --csv FILE --horizon N --out DIR` wrote".into())
            }
            Self::NoSums { way_out, .. } => Some(way_out.clone()),
            _ => self.data_hint(),
        }
    }

    fn data_hint(&self) -> Option<String> {
        Some(match self {
            Self::NoFile { similar: Some(similar), .. } => format!("did you mean {}?", similar.display()),
            Self::Empty { .. } | Self::NoRows { .. } => "give a file with a header and a row for each time".into(),
            Self::Foreign { way_out, .. } => (*way_out).into(),
            Self::BadLines { lines, .. } => match lines.first.as_slice() {
                [(place, _)] => format!("correct or remove {place}, or leave it out with `--bad-rows skip`"),
                _ => "correct or remove these lines, or leave them out with `--bad-rows skip`".into(),
            },
            Self::Malformed { place: Some(place), .. } => format!("correct or remove {place}"),
            Self::NoColumn { flag, similar: Some(similar), .. } => {
                format!("did you mean `{flag} {}`?", quoted(similar))
            }
            Self::NoTarget { .. } => "name the column to forecast with `--target NAME`, if there is one".into(),
            Self::ManyTargets { candidates, .. } => {
                let first = candidates.first().map_or("NAME".into(), |name| quoted(name));
                let all: Vec<String> = candidates.iter().take(3).map(|name| quoted(name)).collect();
                let all = if candidates.len() > 3 { "all".into() } else { all.join(",") };
                format!("say which with `--target {first}`, or forecast each as a series with `--wide {all}`")
            }
            Self::TwoRoles { .. } => "give each flag a column of its own".into(),
            Self::NothingObserved { .. } => "name another column with `--target NAME`".into(),
            Self::NoTime { .. } => "name the column that orders the rows with `--time NAME`".into(),
            Self::BadTimes { .. } => {
                "correct these cells, leave their rows out with `--bad-rows skip`, or name another column with `--time \
                 NAME`; dates such as 2024-01-31, 31.01.2024, 2024 Q1 or Jan-24 are understood, with times down to the \
                 second"
                    .into()
            }
            Self::EitherOrder { .. } => "say which with `--dates dmy` or `--dates mdy`".into(),
            Self::Offsets { .. } => "say the zone to show them in, as in `--zone UTC` or `--zone Europe/Berlin`".into(),
            Self::SomeZones { .. } => "say the zone of those without, as in `--zone UTC` or `--zone Europe/Berlin`".into(),
            Self::MixedUnits { .. } => {
                "give the column in one unit, or read the cells that are not in the unit of most as missing with \
                 `--bad-rows skip`"
                    .into()
            }
            Self::BadNumbers { .. } => "correct these cells, or read them as missing with `--bad-rows skip`; a missing value may be left empty or \
                 written NA"
                    .into(),
            Self::DuplicatePolicy { candidates, .. } => match candidates.as_slice() {
                [] => {
                    "say what to do with them: `--duplicates sum`, `mean` or `last`; or name the column that tells series apart with `--id NAME`"
                        .into()
                }
                names => {
                    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
                    format!(
                        "if they are several series, say what tells them apart: `--id {}`; if not, what to do with them: \
                         `--duplicates sum`, `mean` or `last`",
                        names.join(",")
                    )
                }
            },
            Self::OneTime { .. } => "say the step between rows, as in `--frequency daily`".into(),
            Self::OtherFrequency { finer: false, .. } => "leave out `--frequency`, or give the one of the data".into(),
            Self::OtherFrequency { .. } | Self::OffGrid { asked: true, .. } => {
                "leave out `--frequency`, or say how the rows of a period become one: `--duplicates sum`, `mean` or `last`"
                    .into()
            }
            Self::OffGrid { .. } => {
                "correct these times, or add the rows up to regular periods: `--frequency daily --duplicates sum` (or `mean`)"
                    .into()
            }
            Self::NoCovariate { .. } => "leave it out of `--covariates`".into(),
            Self::NotKnownAhead { reach: 0, column, .. } => format!(
                "add these values, or leave {column} out of `--covariates`; what is known of the past alone has no value \
                 after the last of the target"
            ),
            Self::NotKnownAhead { reach, column, .. } => {
                format!("add these values, forecast `--horizon {reach}`, or leave {column} out of `--covariates`")
            }
            Self::OtherCovariates { .. } => "give it a file with these columns, and leave `--covariates` out".into(),
            Self::BadFuture { .. } => {
                "give a file with the time column, the id columns and the covariates of the steps to forecast".into()
            }
            Self::Sparse { within_a_day: false, .. } => {
                "check the times around that gap, or say the step with `--frequency`".into()
            }
            Self::Sparse { .. } => {
                "check the times around that gap; make days of the rows, as in `--frequency daily --duplicates last` (or \
                 `sum` or `mean`); or say the step with `--frequency`"
                    .into()
            }
            _ => return None,
        })
    }
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-.:/".contains(c);
    if !name.is_empty() && name.chars().all(plain) { name.into() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}
