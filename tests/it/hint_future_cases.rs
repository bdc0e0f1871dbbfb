//! Files of the future that have a hint.

use crate::hint_cases::{Case, TARGET, csv, rows};

pub(crate) fn of_future() -> Vec<Case> {
    let prices =
        || rows("date,sales,price", 20, |day| format!("2024-01-{:02},{},{}", day + 1, 10 + day % 7, 5 + day % 3));
    let of_shop = || {
        rows("date,place,sales,price", 20, |day| format!("2024-01-{:02},a,{},{}", day + 1, 10 + day % 7, 5 + day % 3))
    };
    let case = |case: Case| Case { flags: "--covariates price --target sales --future future.csv", ..case };
    vec![
        case(Case {
            others: &[("future.csv", "date,place,price\n2024-01-21,a,5\n2024-01-21,b,6\n")],
            ..csv(
                "DataProblem::SeveralFutureRows{series:Some((column,is_in_history)),history,..}",
                of_shop(),
                "--id place",
                &[TARGET, "daily, 1 series (place), 2024-01-01 to 2024-01-20, target sales"],
            )
        }),
        case(Case {
            others: &[("future.csv", "date,store,price\n2024-01-21,a,5\n2024-01-21,b,6\n")],
            ..csv(
                "DataProblem::SeveralFutureRows{series:Some((column,is_in_history)),history,..}",
                prices(),
                "or add the column store to sales.csv",
                &[TARGET],
            )
        }),
        case(Case {
            others: &[("future.csv", "date,price\n2024-01-21,5\n2024-01-21,6\n")],
            ..csv("DataProblem::SeveralFutureRows{..}", prices(), "keep one row", &[TARGET])
        }),
        case(Case {
            others: &[("future.csv", "date,price\n21,5\n22,6\n")],
            corrected: Some(prices()),
            corrected_without_flags: true,
            ..csv("DataProblem::OtherFutureTimes{..}", prices(), "times of the same kind", &[TARGET])
        }),
    ]
}
