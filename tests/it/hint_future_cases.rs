//! Files of future rows that have a hint, and rows without a time.

use crate::hint_cases::{Case, DAYS, TARGET, csv, days, rows};

const TWO_SHOPS: &[&str] = &["daily, 2 series (shop), 2024-01-01 to 2024-01-20"];

#[expect(clippy::too_many_lines, reason = "a list of cases")]
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
    let gap = |flags, arm| Case {
        others: &[("future.csv", "date,price\n2024-01-01T19:00:00Z,5\n2024-01-01T20:00:00Z,5\n")],
        flags,
        ..csv(
            arm,
            hours(),
            "`--zone Europe/Berlin`",
            &["hourly, 1 series, 2024-01-01T00:00:00+01:00 to 2024-01-01T19:00:00+01:00, target sales"],
        )
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
            others: &[("future.csv", "date,outlet,price\n2024-01-21,a,5\n2024-01-21,b,5\n")],
            ..csv(
                "DataProblem::FutureColumnMissing{similar:Some(similar),column,history,..}",
                of_shops(),
                "rename the column outlet to shop",
                TWO_SHOPS,
            )
        }),
        Case {
            others: &[("future.csv", "date,price\n2024-01-01T20:00:00+01:00,5\n2024-01-01T21:00:00+01:00,5\n")],
            flags: "--covariates price --target sales --future future.csv",
            ..csv(
                "DataProblem::MixedOffsets{follows_in:Some(zone),..}",
                hours(),
                "`--zone Europe/Berlin`",
                &["hourly, 1 series, 2024-01-01T00:00:00+01:00 to 2024-01-01T19:00:00+01:00, target sales"],
            )
        },
        settled(Case {
            others: &[("future.csv", "date,price\n2024-01-21,5\n2024-01-22,5\n")],
            ..csv("DataProblem::FutureColumnMissing{column,history,..}", of_shops(), "add the column shop", TWO_SHOPS)
        }),
        case(Case {
            others: &[("future.csv", "date,price\n,5\n2024-01-22,5\n")],
            ..csv(
                "DataProblem::TimesMissing{can_be_skipped:true,first,count:1,..}",
                prices(),
                "write the time of line 2, or skip it with `--bad-rows skip`",
                &[TARGET],
            )
        }),
        case(Case {
            others: &[("future.csv", "date,price\n,5\n,5\n2024-01-21,5\n")],
            ..csv(
                "DataProblem::TimesMissing{can_be_skipped:true,..}",
                prices(),
                "skip the rows with `--bad-rows skip`",
                &[TARGET],
            )
        }),
        Case {
            corrected: Some(days(20)),
            names: &[("--time", "day")],
            ..csv(
                "DataProblem::TimesMissing{..}",
                rows("date,day,sales", 20, |day| {
                    let date = format!("2024-01-{:02}", day + 1);
                    format!("{},{date},{day}", if day % 3 == 2 { "" } else { &date })
                }),
                "name another column with `--time NAME`",
                DAYS,
            )
        },
        settled(Case {
            others: &[("future.csv", "date,price\n,5\n,5\n,5\n2024-01-21,5\n")],
            ..csv("DataProblem::TimesMissing{in_future:true,..}", prices(), "or remove the rows", &[TARGET])
        }),
        case(Case {
            others: &[("future.csv", "date,price\n2024-01-21,5\nsoon,5\n2024-01-23,5\n")],
            ..csv(
                "DataProblem::InvalidTimes{can_be_skipped:true,in_future:true,..}",
                prices(),
                "or skip their rows with `--bad-rows skip`",
                &[TARGET],
            )
        }),
        settled(Case {
            others: &[("future.csv", "date,price\n1st,5\n2nd,5\n3rd,5\n2024-01-24,5\n")],
            ..csv("DataProblem::InvalidTimes{in_future:true,..}", prices(), "as those of the history", &[TARGET])
        }),
        settled(Case {
            others: &[("future.csv", "date,prices\n2024-01-21,5\n")],
            ..csv(
                "DataProblem::FutureCovariateMissing{similar:Some(similar),column,history,..}",
                prices(),
                "rename the column prices to price, as in sales.csv",
                &[TARGET],
            )
        }),
        case(Case {
            others: &[("future.csv", "date,weather\n2024-01-21,5\n")],
            ..csv(
                "DataProblem::FutureCovariateMissing{column,..}",
                prices(),
                "add the column price with its values of the future, or leave out `--future`",
                &[TARGET],
            )
        }),
        Case {
            others: &[("future.csv", "date,price\n2024-01-20T23:00:00Z,5\n2024-01-21T23:00:00Z,5\n")],
            flags: "--covariates price --target sales --future future.csv --zone Asia/Tokyo",
            ..csv(
                "DataProblem::FutureOffSteps{follows_in,..}",
                prices(),
                "`--zone Europe/Berlin`",
                &["daily, 1 series, 2024-01-01T00:00:00+01:00 to 2024-01-20T00:00:00+01:00, target sales"],
            )
        },
        gap(
            "--covariates price --target sales --future future.csv --zone Asia/Tokyo",
            "Notice::FutureRows{notice:own,..}",
        ),
        gap(
            "--covariates price --target sales --future future.csv --zone Europe/Helsinki",
            "Notice::FutureGap{follows_in,..}",
        ),
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
