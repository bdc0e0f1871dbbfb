//! Files for the hints of notices and about totals.

use crate::hint_cases::{Case, DAILY, DAYS, csv, days, rows};
use crate::hint_files::{
    chosen_days, clocks_set_back, days_in_latin1, days_of_23_hours, days_of_25_hours, sheets, sheets_of_years,
    shop_hours, with_total,
};

pub(crate) fn of_totals() -> Vec<Case> {
    let two_shops: &[&str] = &["daily, 2 series (shop), 2024-01-01 to 2024-01-20"];
    vec![
        csv("Notice::TotalAmongSeries{ids,..}", with_total(), "--leave-out Total", two_shops),
        Case {
            flags: "--leave-out Totl",
            ..csv("DataProblem::UnknownSeries{similar:Some(similar),..}", with_total(), "--leave-out Total", two_shops)
        },
        Case {
            flags: "--leave-out zzz",
            corrected: Some(with_total()),
            corrected_without_flags: true,
            ..csv("DataProblem::UnknownSeries{..}", with_total(), "lists the series", &["daily, 3 series (shop)"])
        },
    ]
}

/// Days of which most have a number for a missing value, and too few have another one.
fn mostly_codes() -> String {
    rows("date,sales", 20, |day| {
        format!("2024-01-{:02},{}", day + 1, if day.is_multiple_of(3) { (day * 9).to_string() } else { "-99.9".into() })
    })
}

/// Two series, one of which has a value in every second half hour alone.
fn hourly_and_half_hourly() -> String {
    rows("time,id,v", 480, |at| {
        let value = if at % 4 == 2 { String::new() } else { (at % 7).to_string() };
        format!(
            "2024-03-{:02} {:02}:{:02},{},{value}",
            at / 96 + 1,
            at / 4 % 24,
            at / 2 % 2 * 30,
            ["A", "B"][at as usize % 2]
        )
    })
}

const HOURLY: &str = "hourly, 2 series (id), 2024-03-01T00:00:00 to 2024-03-05T23:00:00, target v";
const TO_THE_19TH: &str = "daily, 1 series, 2024-01-01 to 2024-01-19, target sales";

#[expect(clippy::too_many_lines, reason = "a list of cases")]
pub(crate) fn of_notices() -> Vec<Case> {
    let numbers =
        |number: &'static str| rows("date;sales", 20, move |day| format!("2024-01-{:02};{}{number}", day + 1, day + 1));
    vec![
        csv("Notice::MissingCode{..}", days(20).replace(",12", ",-999"), "--missing none", DAYS),
        csv("Notice::MissingCodeKept{code,..}", mostly_codes(), "--missing -99.9", &[TO_THE_19TH]),
        csv(
            "Notice::LongerSteps{common,..}",
            hourly_and_half_hourly(),
            "--frequency hourly --duplicates mean",
            &[HOURLY],
        ),
        Case {
            names: &[("--encoding", "windows-1252")],
            ..csv("Notice::AssumedEncoding{..}", days_in_latin1(), "--encoding NAME", &[DAILY])
        },
        Case {
            names: &[("--id", "part")],
            ..csv(
                "Notice::NumbersAsIds{..}",
                rows("date,part,sales", 60, |at| {
                    format!("2024-01-{:02},{},{}", at / 3 + 1, [52, 7, 31][at as usize % 3], 10 + at % 8)
                }),
                "--id NAMES",
                &["daily, 3 series (part), 2024-01-01 to 2024-01-20"],
            )
        },
        csv("Notice::AssumedDecimalPoint{..}", numbers(".234"), "--decimal comma", DAYS),
        csv("Notice::AssumedDecimalComma{..}", numbers(",234"), "--decimal point", DAYS),
        csv("Notice::AssumedThousandsComma{..}", numbers(",234").replace(';', "\t"), "--decimal comma", DAYS),
        Case {
            names: &[("--sheet", "Notes")],
            name: "sheets.xlsx",
            ..csv("Notice::SheetChosen{..}", sheets(), "--sheet NAME", &["daily, 1 series, 2024-01-01 to 2024-01-0"])
        },
        Case {
            names: &[("--sheet", "2024")],
            name: "years.xlsx",
            ..csv(
                "Notice::SheetsJoined{..}",
                sheets_of_years(),
                "--sheet NAME",
                &["daily, 1 series, 2024-01-01 to 2024-01-20"],
            )
        },
        Case {
            names: &[("--zone", "Europe/London")],
            ..csv(
                "Notice::DaysOf23Hours{..}",
                days_of_23_hours(),
                "--zone NAME",
                &["half-hourly, 1 series, 2024-03-28"],
            )
        },
        Case {
            names: &[("--zone", "Europe/Berlin")],
            ..csv("Notice::ClocksSetBack{..}", clocks_set_back(), "--zone NAME", &["hourly, 1 series, 2024-10-26"])
        },
        csv(
            "Notice::SkippedHourFilled{zone,..}",
            rows("time,kwh", 240, |hour| {
                let local = hour + u32::from(hour >= 6 * 24 + 2);
                format!(
                    "2024-{} {:02}:00,{}",
                    ["03-25", "03-26", "03-27", "03-28", "03-29", "03-30", "03-31", "04-01", "04-02", "04-03", "04-04"]
                        [local as usize / 24],
                    local % 24,
                    50 + local % 24
                )
            }),
            "--zone Europe/Berlin",
            &["hourly, 1 series, 2024-03-25T00:00:00"],
        ),
        Case {
            names: &[("--zone", "Europe/Berlin")],
            ..csv("Notice::DaysOf25Hours{..}", days_of_25_hours(), "--zone NAME", &["hourly, 1 series, 2024-10-24"])
        },
        csv(
            "Notice::ClosedDaysLeftOut{..}",
            chosen_days(60, |day| day != 2, |day| day),
            "--frequency daily",
            &["daily, 1 series, 2024-01-01 to 2024-02-29"],
        ),
        csv(
            "Notice::ClosedHoursFilled{..}",
            shop_hours(),
            "--frequency daily --duplicates sum",
            &["daily, 1 series, 2024-01-01 to 2024-02-28"],
        ),
        csv(
            "Notice::UnfinishedPeriodLeftOut{..}",
            chosen_days(40, |_| true, |day| if day == 39 { 20 } else { 100 + day }),
            "--unfinished keep",
            &["daily, 1 series, 2024-01-01 to 2024-02-09"],
        ),
        csv(
            "Notice::LastOutlierReplaced{..}",
            chosen_days(51, |_| true, |day| if day == 50 { 4_000 } else { 310 + 7 * (day % 3) }),
            "--spikes keep",
            &["daily, 1 series, 2024-01-01 to 2024-02-20"],
        ),
    ]
}
