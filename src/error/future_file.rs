//! Problems of future rows, which are in a file of their own.

use crate::error::{DataProblem, Error, Location};

impl Error {
    /// The error with the name of the file `future`, if all its places are there. If some are, it has both names.
    pub(crate) fn of_future_file(self, future: &str) -> Self {
        let Self::Data { file, mut problem } = self else { return self };
        let mut places = locations(&mut problem);
        let in_future = places.iter().filter(|place| place.in_future_file().is_some()).count();
        if in_future == 0 {
            return Self::Data { file, problem };
        }
        if in_future < places.len() {
            return Self::Data { file: format!("{file}, with the future rows of {future}"), problem };
        }
        for place in &mut places {
            **place = place.in_future_file().unwrap_or(**place);
        }
        Self::Data { file: future.to_owned(), problem }
    }
}

/// The places of a problem in its file.
fn locations(problem: &mut DataProblem) -> Vec<&mut Location> {
    match problem {
        DataProblem::RejectedLines(cells)
        | DataProblem::InvalidTimes { cells, .. }
        | DataProblem::InvalidNumbers { cells, .. }
        | DataProblem::WordsAmongNumbers { cells, .. } => of_cells(&mut cells.first),
        DataProblem::IrregularTimes { examples: cells, .. } | DataProblem::OffGrid { cells, .. } => of_cells(cells),
        DataProblem::MixedSteps { examples, .. } => examples.iter_mut().map(|(_, place, _)| place).collect(),
        DataProblem::StepsBelowAMillisecond { one, other, .. } | DataProblem::MixedUnits { one, other, .. } => {
            vec![&mut one.0, &mut other.0]
        }
        DataProblem::MixedKinds { number, word, .. } => {
            std::iter::once(&mut number.0).chain(word.as_mut().map(|(place, _)| place)).collect()
        }
        DataProblem::RepeatedTime { locations, .. } | DataProblem::SeveralFutureRows { locations, .. } => {
            locations.iter_mut().collect()
        }
        DataProblem::TimesMissing { first, .. } => first.iter_mut().collect(),
        DataProblem::Malformed { location, .. } => location.iter_mut().collect(),
        DataProblem::FiscalPeriod { location, .. }
        | DataProblem::OtherFutureTimes { location, .. }
        | DataProblem::FutureNotAfterHistory { location, .. }
        | DataProblem::FutureOffSteps { location, .. }
        | DataProblem::FutureTarget { location, .. }
        | DataProblem::AmbiguousDateOrder { location, .. }
        | DataProblem::UnknownTimeZone { location, .. }
        | DataProblem::MixedOffsets { location, .. }
        | DataProblem::AmbiguousDuration { location, .. }
        | DataProblem::TooSparse { location, .. } => vec![location],
        _ => Vec::new(),
    }
}

fn of_cells(cells: &mut [(Location, String)]) -> Vec<&mut Location> {
    cells.iter_mut().map(|(place, _)| place).collect()
}
