//! Files for the hints about times and their steps.

use crate::hint_cases::{Case, DAILY, DAYS, TARGET, csv, days, hours, rows};
use crate::hint_files::{
    irregular_times, months_without_a_year, scattered_days, two_steps, years_from_april, years_quarters_and_months,
};

pub(crate) fn of_times() -> Vec<Case> {
    let berlin = |offset: &str, day: u32| format!("2024-01-{day:02}T00:00:00{offset},{day}");
    // The hours go on in UTC, but their offset becomes that of another continent.
    let moved = |hour: u32| {
        let (local, offset) = if hour < 12 { (hour + 1, 1) } else { (hour + 7, 7) };
        format!("2024-01-{:02}T{:02}:00:00+{offset:02}:00,{hour}", 1 + local / 24, local % 24)
    };
    vec![
        csv(
            "DataProblem::InvalidTimes{in_future:false,..}",
            days(20).replace("2024-01-09", "soon"),
            "--bad-rows skip",
            DAYS,
        ),
        Case {
            corrected: Some(days(20)),
            ..csv(
                "DataProblem::InvalidTimes{can_be_skipped:false,in_future:false,..}",
                rows("date,sales", 20, |day| {
                    if day % 3 == 2 { format!("soon,{day}") } else { format!("2024-01-{:02},{day}", day + 1) }
                }),
                "keep only rows of one kind",
                DAYS,
            )
        },
        csv(
            "DataProblem::MixedSteps{steps,..}",
            years_quarters_and_months(),
            "--frequency monthly",
            &[
                "monthly, 1 series, 2020-01-01 to 2023-12-01",
                "quarterly, 1 series, 2020-01-01 to 2023-10-01",
                "yearly, 1 series, 2020 to 2023",
            ],
        ),
        csv(
            "DataProblem::StepsBelowAMillisecond{..}",
            rows("time,sales", 300, |at| format!("2024-01-01 00:00:00.{:03}{},{at}", at / 10, at % 10)),
            "--frequency 1ms --duplicates mean",
            &["every 1 ms, 1 series, 2024-01-01T00:00:00.000 to 2024-01-01T00:00:00.0"],
        ),
        Case {
            corrected: Some(months_without_a_year(true)),
            ..csv(
                "DataProblem::PartsWithoutPeriod{..}",
                months_without_a_year(false),
                "put it into the names",
                &["monthly, 2 series"],
            )
        },
        csv(
            "DataProblem::AmbiguousDateOrder{..}",
            rows("date,sales", 5, |day| format!("{:02}/04/2024,{day}", day + 3)),
            "--dates dmy",
            &["daily, 1 series, 2024-04-03 to 2024-04-07", "monthly, 1 series, 2024-03-04 to 2024-07-04"],
        ),
        csv(
            "DataProblem::UnknownTimeZone{..}",
            rows("date,sales", 36, moved),
            "--zone",
            &["hourly, 1 series, 2024-01-01T0"],
        ),
        csv(
            "DataProblem::MixedOffsets{..}",
            rows("date,sales", 12, |day| berlin(if day == 5 { "" } else { "+01:00" }, day + 1)),
            "--zone",
            &["2024-01-", "2023-12-31"],
        ),
        Case {
            corrected: Some(rows("date,pace", 20, |day| {
                format!("2024-01-{:02},0:{:02}:{:02}", day + 1, 4 + day % 3, day * 7 % 60)
            })),
            ..csv(
                "DataProblem::AmbiguousDuration{value,..}",
                rows("date,pace", 20, |day| format!("2024-01-{:02},{}:{:02}", day + 1, 4 + day % 3, day * 7 % 60)),
                "0:04:00 for minutes and seconds",
                &["daily, 1 series, 2024-01-01 to 2024-01-20, target pace"],
            )
        },
        Case {
            corrected: Some(rows("date,fiscal week,sales", 30, |week| {
                let day =
                    chrono::NaiveDate::from_ymd_opt(2023, 1, 29).unwrap() + chrono::Days::new(7 * u64::from(week));
                format!("{day},FY24 W{:02},{}", week + 1, week % 7)
            })),
            ..csv(
                "DataProblem::FiscalPeriod{period,..}",
                rows("fiscal week,sales", 30, |week| format!("FY24 W{:02},{}", week + 1, week % 7)),
                "add a column with the first day of each week",
                &["weekly, 1 series, 2023-01-29 to 2023-08-20"],
            )
        },
        csv("DataProblem::RepeatedTime{..}", days(20) + "2024-01-20,99\n", "--duplicates sum", DAYS),
    ]
}

#[expect(clippy::too_many_lines, reason = "a list of cases")]
pub(crate) fn of_steps() -> Vec<Case> {
    vec![
        Case {
            flags: "--frequency hourly",
            ..csv("DataProblem::FrequencyMismatch{is_finer:false,..}", days(20), "leave out `--frequency`", DAYS)
        },
        Case {
            flags: "--frequency weekly",
            ..csv(
                "DataProblem::FrequencyMismatch{..}",
                days(20),
                "--duplicates sum",
                &[TARGET, "weekly, 1 series, 2024-01-01 to 2024-01-"],
            )
        },
        Case {
            corrected: Some(hours(48, |hour| hour.to_string())),
            flags: "--frequency hourly",
            ..csv(
                "DataProblem::OffGrid{is_requested:true,..}",
                hours(48, |hour| hour.to_string()).replace("05:00", "05:07"),
                "leave out `--frequency`",
                &["hourly, 1 series, 2024-01-01"],
            )
        },
        csv(
            "DataProblem::OffGrid{is_requested:false,period:Some(period),..}",
            hours(96, |hour| hour.to_string()).replace("05:00", "05:07"),
            "--frequency hourly --duplicates sum",
            &["hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-04T23:00:00"],
        ),
        csv("DataProblem::IrregularTimes{period,candidates,..}", irregular_times(), "--frequency daily", &[DAILY]),
        csv(
            "DataProblem::DifferentSteps{common,..}",
            two_steps(),
            "--frequency weekly --duplicates sum",
            &["weekly, 2 series (city), 2024-01-01 to 2024-02-26", "weekly, 2 series (city), 2023-12-31"],
        ),
        Case {
            corrected: Some(days(20)),
            names: &[("--frequency", "daily")],
            ..csv(
                "DataProblem::TooSparse{is_scattered:false,location,..}",
                days(20) + "2204-01-01,5\n",
                "correct the time of line 22",
                DAYS,
            )
        },
        csv(
            "DataProblem::TooSparse{is_within_a_day:false,is_scattered:true,frequency,..}",
            scattered_days(),
            "--frequency monthly --duplicates sum",
            &["daily, 1 series, 2024-01-01 to 2024-12-31", "monthly, 1 series, 2024-01-01 to 2024-12-01"],
        ),
        csv(
            "DataProblem::TooSparse{..}",
            rows("time,sales", 40, |at| format!("2024-01-{:02} {:02}:00,{at}", at / 2 + 1, at / 2 * 5 % 20 + at % 2)),
            "--frequency daily --duplicates last",
            &["2024-01-01"],
        ),
        Case {
            corrected: Some(years_from_april(true)),
            ..csv(
                "DataProblem::PartsOfFiscalYear{parts:\"months\",..}",
                rows("year,Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec", 5, |at| {
                    format!("{}/{},1,2,3,4,5,6,7,8,9,10,11,12", 2018 + at, 19 + at)
                }),
                "order the months",
                &["monthly, 1 series, 2018-04-01 to 2023-03-01, target value"],
            )
        },
        Case {
            corrected: Some(rows("year,Q1,Q2,Q3,Q4", 5, |at| format!("{},1,2,3,4", 2018 + at))),
            ..csv(
                "DataProblem::PartsOfFiscalYear{..}",
                rows("year,Q1,Q2,Q3,Q4", 5, |at| format!("{}/{},1,2,3,4", 2018 + at, 19 + at)),
                "as one number",
                &["quarterly, 1 series, 2018-01-01 to 2022-10-01, target value"],
            )
        },
        Case {
            corrected: Some("country,pop 2019,pop 2020\nFR,5,4\nDE,7,6\n".replace("pop ", "")),
            ..csv(
                "DataProblem::LikelyTimesInHeader{ids,quantities,..}",
                "country,pop 2019,pop 2020,gdp 2019,gdp 2020\nFR,5,4,3,2\nDE,7,6,5,4\n",
                "write the columns of pop, gdp to separate files",
                &["yearly, 2 series (country), 2019 to 2020, target value"],
            )
        },
        csv(
            "DataProblem::LikelyTimesInHeader{ids,quantities,..}",
            "id,2020,2019\n1,5,4\n2,7,6\n",
            "--id id",
            &["yearly, 2 series (id), 2019 to 2020, target value"],
        ),
        Case {
            flags: "--wide 2020,2019",
            ..csv(
                "DataProblem::LikelyTimesInHeader{ids,quantities,..}",
                "country,2020,2019,\"growth, %\"\nAustria,5,4,1\nChile,7,6,2\n",
                "--id country",
                &["yearly, 2 series (country), 2019 to 2020, target value"],
            )
        },
        Case {
            corrected: Some(years_from_april(true)),
            ..csv(
                "DataProblem::YearsFromAnotherMonth{..}",
                years_from_april(false),
                "write the years with both numbers",
                &["monthly, 1 series, 2018-04-01 to 2023-03-01"],
            )
        },
        Case {
            flags: "--season 61",
            ..csv(
                "Error::InvalidSeason{max,..}",
                days(28),
                "--season none",
                &["daily, 1 series, 2024-01-01 to 2024-01-28"],
            )
        },
        Case {
            flags: "--season 2",
            ..csv(
                "Error::InvalidSeason{max,..}if*max<2",
                days(3),
                "--season none",
                &["daily, 1 series, 2024-01-01 to 2024-01-03"],
            )
        },
    ]
}

pub(crate) fn of_single_times() -> Vec<Case> {
    vec![
        Case {
            corrected: Some(days(20)),
            ..csv(
                "DataProblem::OffGrid{period:None,..}",
                days(20) + "2020-01-25 04:00,5\n",
                "correct these times, or remove their lines",
                DAYS,
            )
        },
        csv(
            "DataProblem::SingleTime",
            "date,sales\n2024-01-01,5\n",
            "--frequency daily",
            &["daily, 1 series, 2024-01-01 to 2024-01-01"],
        ),
        Case {
            names: &[("--time", "round")],
            ..csv(
                "DataProblem::ConstantTime{..}",
                rows("date,round,sales", 20, |at| format!("2024-05-31,{},{}", at + 1, at % 5)),
                "--time NAME",
                &["1 series, 1 to 20"],
            )
        },
    ]
}
