//! Shapes of files that people reported as trouble: exports of weather services, statistics offices, grid operators,
//! databases and spreadsheets.

use forecast::panel::DuplicatePolicy;
use forecast::read::ReadOptions;

use crate::files::{date, describe_error, lines, notices, options, read, read_default};

/// The summary of a text as it is read by default.
fn summary(text: &str) -> String {
    read_default("a.csv", text).summary()
}

fn summary_with(text: &str, options: &ReadOptions) -> String {
    read("a.csv", text, options).unwrap().summary()
}

fn target(name: &str) -> ReadOptions {
    ReadOptions { target: Some(name.into()), ..options() }
}

/// Rows for the hours of some days from 1 January 2024 on, by the date, the hour and a value.
fn hours(header: &str, days: u32, row: impl Fn(&str, u32, u32) -> String) -> String {
    let row = |at: u32| row(&format!("2024-01-{:02}", at / 24 + 1), at % 24, 100 + at % 24 * 3 + at / 24);
    header.to_owned() + "\n" + &(0..days * 24).map(|at| row(at) + "\n").collect::<String>()
}

const HOURS: &str = "hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-07T23:00:00, target value";

#[test]
fn a_date_and_a_time_of_day_are_one_cell_below_one_name() {
    for text in [
        hours("time value", 7, |day, hour, value| format!("{day} {hour:02}:00 {value}")),
        hours("time value", 7, |day, hour, value| format!("{day} {hour:02}:00:00 {value}.{hour}")),
        hours("time value", 7, |day, hour, value| {
            let day = day[8..].trim_start_matches('0').to_owned();
            format!("{day}.1.2024 {hour}:00 {value}")
        }),
    ] {
        assert_eq!(summary(&text), HOURS, "{text}");
    }
    let with_flag = hours("time value flag", 7, |day, hour, value| {
        format!("{day} {hour:02}:00 {value}{}", if hour == 5 { " A" } else { "" })
    });
    assert_eq!(summary(&with_flag), HOURS);
}

#[test]
fn the_last_cells_of_rows_may_be_left_out() {
    let text = lines("date temp rain flag note", 60, |day| {
        let flag = ["", " A", " A gauge"][day as usize % 3];
        format!("{} {day}.5 {}{flag}", date(day), day % 4)
    });
    assert_eq!(summary_with(&text, &target("temp")), "daily, 1 series, 2024-01-01 to 2024-02-29, target temp");
    let provisional = lines("yyyy mm tmax note", 60, |month| {
        let mark = if month % 9 == 0 { "*" } else { "" };
        let note = if month > 50 { " Provisional" } else { "" };
        format!("{} {} {month}.5{mark}{note}", 2010 + month / 12, month % 12 + 1)
    });
    assert_eq!(summary(&provisional), "monthly, 1 series, 2010-01-01 to 2014-12-01, target tmax");
}

#[test]
fn a_name_of_several_words_is_one_cell() {
    let cities = ["New York", "Bern", "Rio de Janeiro"];
    let first = lines("city date value", 90, |row| format!("{} {} {row}", cities[row as usize / 30], date(row % 30)));
    let expected = "daily, 3 series (city), 2024-01-01 to 2024-01-30, target value";
    assert_eq!(summary(&first), expected);
    let last = lines("date value city", 90, |row| format!("{} {row} {}", date(row % 30), cities[row as usize / 30]));
    assert_eq!(summary(&last), expected);
}

#[test]
fn other_quotes_than_usual_ones_are_read() {
    let inches = lines("\"date\",\"item\",\"value\"", 60, |row| {
        let item = ["pipe 5\\\" steel", "pipe 3\\\""][row as usize % 2];
        format!("\"{}\",\"{item}\",{row}", date(row / 2))
    });
    let read = read_default("a.csv", &inches);
    assert_eq!(read.summary(), "daily, 2 series (item), 2024-01-01 to 2024-01-30, target value");
    assert_eq!(read.panel.iter().next().unwrap().name(), "pipe 3\"");
    let expected = "daily, 1 series, 2024-01-01 to 2024-01-30, target sales";
    for text in [
        lines("\"date,sales\"", 30, |day| format!("\"{},{day}\"", date(day))),
        lines("'date';'sales'", 30, |day| format!("'{}';'{day}'", date(day))),
        lines("date,sales", 30, |day| format!("=\"{}\",=\"{day}\"", date(day))),
        lines("date,sales", 30, |day| format!("\"=\"\"{}\"\"\",{day}", date(day))),
    ] {
        assert_eq!(summary(&text), expected, "{text}");
    }
    // A code keeps its zeros.
    let codes = lines("date,shop,sales", 60, |row| format!("{},=\"00{}\",{row}", date(row % 30), 12 + row / 30));
    assert_eq!(read_default("a.csv", codes).panel.iter().next().unwrap().name(), "0012");
}

#[test]
fn the_times_of_a_file_may_be_below_a_name_of_ids() {
    let text = lines("Series ID,A3348585R,A3348588W", 24, |month| {
        format!("{}-{},{month},{}", ["Apr", "May"][month as usize % 2], 1982 + month / 2, month * 2)
    });
    let text = text.replace("May-", "Oct-");
    let wide = ReadOptions { wide: vec!["all".into()], ..options() };
    assert_eq!(summary_with(&text, &wide).split(" to").next(), Some("every 6 months, 2 series (series), 1982-04-01"));
}

#[test]
fn years_by_months_may_have_no_names() {
    let months = |year: u32| (0..12).map(move |month| format!("  {:6.2}", 26.0 + f64::from(year % 7 * month) / 10.0));
    let row = |at: u32| format!(" {}{}", 1950 + at, months(1950 + at).collect::<Vec<_>>().concat());
    let rows = lines("", 70, row).trim_start_matches('\n').to_owned();
    let expected = "monthly, 1 series, 1950-01-01 to 2019-12-01, target value";
    assert_eq!(summary(&rows), expected);
    // The NOAA writes the first and the last year above, and the code of missing values below.
    let noaa = format!(" 1950 2019\n{rows}  -99.99\n NINA34\n 5N-5S 170W-120W\n  https://psl.noaa.gov/\n");
    assert_eq!(summary(&noaa), expected);
    let values = (0..12).map(|month| (112 + month * 3).to_string()).collect::<Vec<_>>().join(" ");
    let printed = lines("", 12, |at| format!("{} {values}", 1949 + at)).trim_start_matches('\n').to_owned();
    let header = "     Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec\n";
    assert_eq!(summary(&format!("{header}{printed}")), "monthly, 1 series, 1949-01-01 to 1960-12-01, target value");
}

#[test]
fn times_of_day_are_told_by_their_cells() {
    let quarters = |header: &str, row: &dyn Fn(&str, u32, u32) -> String| {
        let row = |at: u32| row(&format!("2024-01-{:02}", at / 96 + 1), at / 4 % 24, at % 4 * 15);
        header.to_owned() + "\n" + &(0..96 * 14).map(|at| row(at) + "\n").collect::<String>()
    };
    let green_button = quarters("TYPE,DATE,START TIME,END TIME,USAGE,UNITS", &|day, hour, minute| {
        format!("Electric usage,{day},{hour:02}:{minute:02},{hour:02}:{:02},0.{hour}{minute:02},kWh", minute + 14)
    });
    assert_eq!(
        summary(&green_button),
        "quarter-hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-14T23:45:00, target USAGE"
    );
    let half_empty = quarters("Nature\tDate\tHeures\tConsommation", &|day, hour, minute| {
        let value = if minute % 30 == 0 { (50_000 + hour * 100 + minute).to_string() } else { String::new() };
        format!("Données\t{day}\t{hour:02}:{minute:02}\t{value}")
    });
    let half_hours = "half-hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-14T23:30:00, target Consommation";
    assert_eq!(summary(&half_empty), half_hours);
    // Durations are no times of day.
    let calls = lines("date,agent,duration", 60, |row| {
        format!("{},{},00:0{}:{:02}", date(row / 2), ["a", "b"][row as usize % 2], row % 7, row % 60)
    });
    assert_eq!(summary(&calls), "daily, 2 series (agent), 2024-01-01 to 2024-01-30, target duration");
}

#[test]
fn names_of_months_complete_years_whatever_their_column_is_called() {
    let months = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let of = |row: u32| (2019 + row / 12, row % 12);
    let unnamed = lines(";;Index", 36, |row| format!("{};{};{row},5", of(row).0, months[of(row).1 as usize]));
    assert_eq!(summary(&unnamed), "monthly, 1 series, 2019-01-01 to 2021-12-01, target Index");
    let coded = lines("Statistik_Code;Zeit;1_Code;2_Auspraegung_Code;Index", 36, |row| {
        format!("61111;{};DG;MONAT{:02};{row},5", of(row).0, of(row).1 + 1)
    });
    assert_eq!(summary(&coded), "monthly, 1 series, 2019-01-01 to 2021-12-01, target Index");
}

#[test]
fn numbers_that_are_no_quantities_are_no_targets() {
    // A station, and a year with a fraction.
    let text = lines("station,year,month,decimal,index", 36, |row| {
        let (year, month) = (2019 + row / 12, row % 12 + 1);
        format!("61111,{year},{month},{:.3},{}", f64::from(year) + (f64::from(month) - 0.5) / 12.0, row % 5)
    });
    assert_eq!(summary(&text), "monthly, 1 series, 2019-01-01 to 2021-12-01, target index");
    let days = lines("Nth day,Active users", 60, |day| format!("{day:04},{}", 100 + day % 7));
    assert_eq!(summary(&days), "index, 1 series, 0 to 59, target Active users");
    // Codes of currencies are no amounts.
    let rates = lines("\"Date\";\"D0\";\"D1\";\"Value\"", 144, |row| {
        let (month, series) = (row / 4, row % 4);
        let currency = ["EUR1", "USD1"][series as usize % 2];
        format!("\"{}-{:02}\";\"M{}\";\"{currency}\";\"0.{row}\"", 2019 + month / 12, month % 12 + 1, series / 2)
    });
    assert_eq!(summary(&rates), "monthly, 4 series (D0, D1), 2019-01-01 to 2021-12-01, target Value");
}

#[test]
fn the_header_may_be_commented_or_underlined() {
    let knmi = "# De Bilt\n#\n# STN,YYYYMMDD,   TG\n#\n".to_owned()
        + &lines("", 60, |day| format!("  260,{},{:5}", date(day).to_string().replace('-', ""), day % 9))[1..];
    assert_eq!(summary(&knmi), "daily, 1 series, 2024-01-01 to 2024-02-29, target TG");
    let expected = "daily, 1 series, 2024-01-01 to 2024-02-29, target orders";
    let psql = lines("    day     | orders \n------------+--------", 60, |day| format!(" {} | {day:6}", date(day)));
    assert_eq!(summary(&(psql + "(60 rows)\n")), expected);
    let server = lines("day        orders\n---------- -----------", 60, |day| format!("{} {day:11}", date(day)));
    assert_eq!(summary(&(server + "\n(60 rows affected)\n")), expected);
    let usgs = lines("site\tday\torders\n5s\t10d\t12n", 60, |day| format!("01646500\t{}\t{day}", date(day)));
    assert_eq!(summary(&usgs), expected);
}

#[test]
fn a_wide_table_may_have_more_notes_than_rows() {
    let months: Vec<String> = (0..36).map(|at| format!("{}-{:02}", 2019 + at / 12, at % 12 + 1)).collect();
    let row = |name: &str| format!("{name},{}\n", (0..36).map(|at| at.to_string()).collect::<Vec<_>>().join(","));
    let text = format!(
        "Theme: Prices\nTitle: Index\nSource: Office\n\nData Series,{}\n{}{}\nFootnotes:\nData are final\nGenerated today\n",
        months.join(","),
        row("All"),
        row("Food")
    );
    assert!(
        summary(&text).starts_with("monthly, 2 series (Data Series), 2019-01-01 to 2021-12-01"),
        "{}",
        summary(&text)
    );
}

#[test]
fn statistics_below_the_table_are_no_rows() {
    let text = lines("date,sales", 60, |day| format!("{},{day}", date(day))) + "Min,0\nMax,59\nStDev,17\n";
    let read = read_default("a.csv", &text);
    assert_eq!(read.summary(), "daily, 1 series, 2024-01-01 to 2024-02-29, target sales");
    assert!(notices(&read).iter().any(|notice| notice.contains("Min")), "{:?}", notices(&read));
}

#[test]
fn cells_of_narrow_columns_are_no_missing_values() {
    let text = lines("date,sales", 60, |day| {
        format!("{},{}", date(day), if day == 7 { "#######".to_owned() } else { day.to_string() })
    });
    let error = describe_error(&read("a.csv", &text, &options()).unwrap_err());
    assert!(error.contains("\"#######\" is not a number"), "{error}");
}

#[test]
fn weekdays_and_periods_of_other_languages_are_read() {
    let weekdays = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
    let month = |day: u32| if day < 31 { (day + 1, "Januar") } else { (day - 30, "Februar") };
    let german = lines("Tag;Besucher", 60, |day| {
        format!("{}, {}. {} 2024;{day}", weekdays[day as usize % 7], month(day).0, month(day).1)
    });
    assert_eq!(summary(&german), "daily, 1 series, 2024-01-01 to 2024-02-29, target Besucher");
    let french = ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."];
    let short = lines("Jour;Visites", 60, |day| {
        format!("{} {:02}/{:02}/2024;{day}", french[day as usize % 7], month(day).0, if day < 31 { 1 } else { 2 })
    });
    assert_eq!(summary(&short), "daily, 1 series, 2024-01-01 to 2024-02-29, target Visites");
    let march = lines("day,sales", 31, |day| format!("\"Mar {}, 2024\",{day}", day + 1));
    assert_eq!(summary(&march), "daily, 1 series, 2024-03-01 to 2024-03-31, target sales");
    let dutch = lines("Perioden;Index", 36, |month| format!("{}MM{:02};{month}", 2019 + month / 12, month % 12 + 1));
    assert_eq!(summary(&dutch), "monthly, 1 series, 2019-01-01 to 2021-12-01, target Index");
}

#[test]
fn local_times_may_be_the_ends_of_their_steps() {
    // The quarter hours from 02:15 to 03:00 occur twice, since they end at 02:15 to 03:00 of both hours.
    let minutes =
        (1..=96).map(|at| at * 15).chain([(1, 0)].iter().flat_map(|_| (96 + 1)..=(96 + 12)).map(|at| at * 15));
    let after = ((96 + 9)..=(96 + 96)).map(|at| at * 15);
    let row = |(at, minute): (usize, u32)| {
        format!("2015-10-{:02} {:02}:{:02},{at}\n", 24 + minute / 1_440, minute / 60 % 24, minute % 60)
    };
    let text = "time,load\n".to_owned() + &minutes.chain(after).enumerate().map(row).collect::<String>();
    let read = read_default("a.csv", &text);
    assert_eq!(read.summary(), "quarter-hourly, 1 series, 2015-10-24T00:15:00 to 2015-10-26T00:00:00, target load");
    assert_eq!(read.panel.iter().next().unwrap().values.len(), 196);
    let notices = notices(&read);
    assert!(
        notices.iter().any(|notice| notice.contains("02:15:00") && notice.contains("Europe/Berlin")),
        "{notices:?}"
    );
    // Merging would leave out an hour, and is not necessary.
    let merged = ReadOptions { duplicates: DuplicatePolicy::Last, ..options() };
    assert!(read.rows >= read_default("a.csv", &text).rows && summary_with(&text, &merged).contains("load"));
}

#[test]
fn half_hours_of_a_settlement_are_those_of_great_britain() {
    let day = |day: u32| (1..=if day == 29 { 50 } else { 48 }).map(move |period| (day, period));
    let rows = (20..=31).flat_map(day).map(|(day, period)| format!("{day:02}-OCT-2023,{period},{}\n", period + day));
    let text = "SETTLEMENT_DATE,SETTLEMENT_PERIOD,ND\n".to_owned() + &rows.collect::<String>();
    let read = read_default("a.csv", &text);
    assert!(read.summary().starts_with("half-hourly, 1 series, 2023-10-20T00:00:00+01:00"), "{}", read.summary());
}

#[test]
fn the_answer_of_a_service_has_a_table() {
    let observations: Vec<String> = (0..36)
        .map(|at| format!(r#"{{"date":"{}-{:02}-01","value":"{at}.5"}}"#, 2019 + at / 12, at % 12 + 1))
        .collect();
    let records = format!("{{\"count\":36,\n\"observations\":[\n{}]}}", observations.join(",\n"));
    let read = read_default("a.json", &records);
    assert_eq!(read.summary(), "monthly, 1 series, 2019-01-01 to 2021-12-01, target value");
    assert_eq!(notices(&read), ["the table is the member observations of the JSON object"]);
    let times: Vec<String> = (0..48).map(|at| format!("\"2024-01-{:02}T{:02}:00\"", at / 24 + 1, at % 24)).collect();
    let values: Vec<String> = (0..48).map(|at| at.to_string()).collect();
    let columns = format!(
        r#"{{"latitude":52.5,"longitude":13.4,"hourly_units":{{"time":"iso8601"}},"hourly":{{"time":[{}],"load":[{}]}}}}"#,
        times.join(","),
        values.join(",")
    );
    assert_eq!(summary(&columns), "hourly, 1 series, 2024-01-01T00:00:00 to 2024-01-02T23:00:00, target load");
    // A wrong item is named with its line in the file.
    let wrong = records.replace("{\"date\":\"2019-02-01\",\"value\":\"1.5\"}", "7");
    let error = describe_error(&read_error(&wrong));
    assert!(error.contains("line 4: not a list of JSON objects"), "{error}");
}

fn read_error(text: &str) -> forecast::Error {
    read("a.json", text, &options()).unwrap_err()
}

#[test]
fn headers_have_aggregates_and_columns_without_values() {
    let toa5 =
        "\"TOA5\",\"Station\",\"CR1000\",\"1234\",\"CR1000.Std.31\"\n\"TIMESTAMP\",\"RECORD\",\"AirTC\"\n\"TS\",\"RN\",\
                \"Deg C\"\n\"\",\"\",\"Avg\"\n"
            .to_owned() + &lines("", 60, |day| format!("\"{} 00:00:00\",{day},{}", date(day), day % 9))[1..];
    let target = target("AirTC");
    assert_eq!(summary_with(&toa5, &target), "daily, 1 series, 2024-01-01 to 2024-02-29, target AirTC");
    let empty = lines("Datum;Umsatz;;;", 60, |day| format!("{};{day},5;;;", date(day)));
    assert_eq!(summary(&empty), "daily, 1 series, 2024-01-01 to 2024-02-29, target Umsatz");
}

#[test]
fn half_days_may_be_written_as_in_spanish() {
    let text = lines("Fecha;Carga", 48, |at| {
        let (hour, half) = (at % 24, if at % 24 < 12 { "a.\u{a0}m." } else { "p. m." });
        let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
        format!("{:02}/01/2024 {hour:02}:00 {half};{at}", at / 24 + 13)
    });
    assert_eq!(summary(&text), "hourly, 1 series, 2024-01-13T00:00:00 to 2024-01-14T23:00:00, target Carga");
}

#[test]
fn a_comma_after_a_number_next_to_german_dates_is_pointed_out() {
    let text = lines("date,rate", 60, |day| format!("{},\"1,{}\"", date(day).format("%d.%m.%Y"), 107 + day * 7));
    let read = read_default("a.csv", &text);
    assert!(notices(&read).iter().any(|notice| notice.contains("`--decimal comma`")), "{:?}", notices(&read));
}
