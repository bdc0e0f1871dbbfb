//! Files of future rows that have a hint.

use crate::hint_cases::{Case, TARGET, csv, rows};

const TWO_SHOPS: &[&str] = &["daily, 2 series (shop), 2024-01-01 to 2024-01-20"];

pub(crate) fn of_future() -> Vec<Case> {
    let prices =
        || rows("date,sales,price", 20, |day| format!("2024-01-{:02},{},{}", day + 1, 10 + day % 7, 5 + day % 3));
    let of_shop = || {
        rows("date,place,sales,price", 20, |day| format!("2024-01-{:02},a,{},{}", day + 1, 10 + day % 7, 5 + day % 3))
    };
    let of_shops = || {
        rows("date,shop,sales,price", 40, |at| {
            format!("2024-01-{:02},{},{},{}", at / 2 + 1, ["a", "b"][at as usize % 2], 10 + at % 7, 5 + at % 3)
        })
    };
    let hours =
        || rows("date,sales,price", 20, |hour| format!("2024-01-01 {hour:02}:00,{},{}", 10 + hour % 7, 5 + hour % 3));
    let settled = |case: Case| Case {
        flags: "--covariates price --target sales --future future.csv",
        corrected: Some(String::from_utf8(case.content.clone()).unwrap_or_default()),
        corrected_without_flags: true,
        ..case
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
        Case {
            others: &[("future.csv", "date,price\n2024-01-01T19:00:00Z,5\n2024-01-01T20:00:00Z,5\n")],
            flags: "--covariates price --target sales --future future.csv --zone UTC",
            ..csv(
                "DataProblem::FutureNotAfterHistory{follows_in:Some(zone),..}",
                hours(),
                "`--zone Europe/Berlin`",
                &["hourly, 1 series, 2024-01-01T00:00:00+01:00 to 2024-01-01T19:00:00+01:00, target sales"],
            )
        },
        Case {
            others: &[("future.csv", "date,price\n2024-01-01T03:00:00Z,5\n2024-01-01T04:00:00Z,5\n")],
            flags: "--covariates price --target sales --future future.csv --zone UTC",
            corrected: Some(hours()),
            corrected_without_flags: true,
            ..csv("DataProblem::FutureNotAfterHistory{..}", hours(), "remove the future rows", &["hourly, 1 series"])
        },
        settled(Case {
            others: &[("future.csv", "dates,price\n2024-01-21,5\n")],
            ..csv(
                "DataProblem::FutureColumnMissing{similar:Some(similar),column,history,..}",
                prices(),
                "rename the column dates to date",
                &[TARGET],
            )
        }),
        settled(Case {
            others: &[("future.csv", "date,price\n2024-01-21,5\n2024-01-22,5\n")],
            ..csv("DataProblem::FutureColumnMissing{column,history,..}", of_shops(), "add the column shop", TWO_SHOPS)
        }),
        settled(Case {
            others: &[("future.csv", "date,price\n,5\n2024-01-22,5\n")],
            ..csv("DataProblem::FutureTimeMissing{location}", prices(), "write the time of line 2", &[TARGET])
        }),
        settled(Case {
            others: &[("future.csv", "date,sales,price\n2024-01-21,5,5\n")],
            ..csv("DataProblem::FutureTarget{target,history,..}", prices(), "remove the column sales", &[TARGET])
        }),
        settled(Case {
            others: &[("future.csv", "date,shop,price\n2024-01-21,x1,5\n")],
            ..csv("DataProblem::FutureSeriesUnknown{history,known,..}", of_shops(), "such as a", TWO_SHOPS)
        }),
    ]
}
