//! Longer files that have a hint.

/// Two sheets, of which the larger one is read.
pub(crate) fn sheets() -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, days) in [("Data", 9), ("Notes", 5)] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write_string(0, 0, "date").unwrap().write_string(0, 1, "sales").unwrap();
        for day in 0..days {
            sheet.write_string(day + 1, 0, format!("2024-01-{:02}", day + 1)).unwrap();
            sheet.write_number(day + 1, 1, day).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// Days with a value, those that are chosen by their number of the week from Monday, 1 January 2024, on.
pub(crate) fn chosen_days(count: u64, is_chosen: impl Fn(u64) -> bool, value: impl Fn(u64) -> u64) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let row = |day: u64| format!("{},{}\n", first + chrono::Days::new(day), value(day));
    "date,sales\n".to_owned() + &(0..count).filter(|day| is_chosen(day % 7)).map(row).collect::<String>()
}

/// Hours in local time of Berlin, of which one occurs twice.
pub(crate) fn clocks_set_back() -> String {
    let hour = |hour: u32| (26 + hour / 24, hour % 24);
    let times = (0..27).map(hour).chain([(27, 2)]).chain((27..96).map(hour));
    let rows = times.enumerate().map(|(at, (day, hour))| format!("2024-10-{day} {hour:02}:00,{at}\n"));
    "time,sales\n".to_owned() + &rows.collect::<String>()
}

/// Hours from 1 to 24, and to 25 on the day on which clocks are set back.
pub(crate) fn days_of_25_hours() -> String {
    let hours = |day: u32| (1..=if day == 27 { 25 } else { 24 }).map(move |hour| (day, hour));
    let rows = (24..=30).flat_map(hours).map(|(day, hour)| format!("2024-10-{day},{hour},{}\n", hour + day));
    "date,hour,load\n".to_owned() + &rows.collect::<String>()
}

/// Hours from 9 to 17 of the first 28 days of two months.
pub(crate) fn shop_hours() -> String {
    let rows = (0..56 * 9)
        .map(|at| format!("2024-{:02}-{:02} {:02}:00,{}\n", at / 252 + 1, at / 9 % 28 + 1, 9 + at % 9, at % 9 + 5));
    "time,sales\n".to_owned() + &rows.collect::<String>()
}

/// Years from April on, as numbers or as `2019/20`.
pub(crate) fn years_from_april(spans: bool) -> String {
    let year = |year: u32| if spans { format!("{year}/{}", year % 100 + 1) } else { year.to_string() };
    let row =
        |at: u32| format!("{},{}\n", year(at), (1..=12).map(|n| (n + at).to_string()).collect::<Vec<_>>().join(","));
    "year,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec,Jan,Feb,Mar\n".to_owned() + &(2018..2023).map(row).collect::<String>()
}

/// Two shops, and a third series with their sum.
pub(crate) fn with_total() -> String {
    let row = |day: u32| {
        let (north, south) = (10 + day % 7, 5 + day % 3);
        let row = |shop: &str, value: u32| format!("2024-01-{:02},{shop},{value}\n", day + 1);
        row("north", north) + &row("south", south) + &row("Total", north + south)
    };
    "date,shop,sales\n".to_owned() + &(0..20).map(row).collect::<String>()
}

/// A daily series and a weekly one.
pub(crate) fn two_steps() -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let row = |city: &str, day: u64, value: u64| format!("{},{city},{value}\n", first + chrono::Days::new(day));
    let of_weeks = (0..9).map(|week| row("b", 7 * week, 100 + week));
    let rows: String = (0..60).map(|day| row("a", day, day)).chain(of_weeks).collect();
    "date,city,sales\n".to_owned() + &rows
}

/// One time of day on each day, without a step between them.
pub(crate) fn irregular_times() -> String {
    let hour = |day: usize| [3, 10, 5, 22, 0, 17, 8][day % 7];
    let row = |day: usize| format!("2024-01-{:02} {:02}:{:02},{day}\n", day + 1, hour(day), day * 13 % 60);
    "time,sales\n".to_owned() + &(0..28).map(row).collect::<String>()
}

/// Days, with a header in Windows-1252.
pub(crate) fn days_in_latin1() -> Vec<u8> {
    let rows: Vec<String> = (0..20).map(|day| format!("2024-01-{:02},{}\n", day + 1, 10 + day % 7)).collect();
    let rows = rows.concat();
    [b"date,gr\xf6\xdfe\n", rows.as_bytes()].concat()
}

/// Two shops in rows with a column for each month, named with a year or without one.
pub(crate) fn months_without_a_year(with_years: bool) -> String {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let name = |month: usize| if with_years { format!("2024-{:02}", month + 1) } else { NAMES[month].to_owned() };
    let header: Vec<String> = (0..12).map(name).collect();
    let row = |shop: usize| (0..12).map(|month| (shop * 50 + month).to_string()).collect::<Vec<_>>().join(",");
    format!("shop,{}\nnorth,{}\nsouth,{}\n", header.join(","), row(1), row(2))
}

/// Two days in a row of every 13 days of a year.
pub(crate) fn scattered_days() -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let row = |day: u64| format!("{},{}\n", first + chrono::Days::new(day), 3 + day % 5);
    "date,sales\n".to_owned() + &(0..366).filter(|day| day % 13 < 2).map(row).collect::<String>()
}

/// Years, quarters and months below one another, as statistics offices list them.
pub(crate) fn years_quarters_and_months() -> String {
    const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let years = (2020..2024).map(|year| format!("{year},100.5\n"));
    let quarters = (0..16).map(|at| format!("{} Q{},100.{at}\n", 2020 + at / 4, at % 4 + 1));
    let months = (0..48).map(|at| format!("{} {},101.{at}\n", 2020 + at / 12, MONTHS[at % 12]));
    std::iter::once("period,index\n".to_owned()).chain(years).chain(quarters).chain(months).collect()
}

/// A workbook with a sheet for each of two years.
pub(crate) fn sheets_of_years() -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for year in [2023, 2024] {
        let sheet = workbook.add_worksheet().set_name(year.to_string()).unwrap();
        sheet.write_string(0, 0, "date").unwrap().write_string(0, 1, "sales").unwrap();
        for day in 1..=20 {
            // December ends one year, and January begins the next.
            let date = if year == 2023 { format!("2023-12-{:02}", day + 11) } else { format!("2024-01-{day:02}") };
            sheet.write_string(day, 0, date).unwrap().write_number(day, 1, day).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// Half hours by their number, of which the day of the clock change has 46.
pub(crate) fn days_of_23_hours() -> String {
    let periods = |day: u32| (1..=if day == 31 { 46 } else { 48 }).map(move |period| (day, period));
    let rows = (28..=34).flat_map(periods).map(|(day, period)| {
        let date = if day > 31 { format!("2024-04-{:02}", day - 31) } else { format!("2024-03-{day}") };
        format!("{date},{period},{}\n", period + day)
    });
    "Settlement Date,Settlement Period,Demand\n".to_owned() + &rows.collect::<String>()
}
