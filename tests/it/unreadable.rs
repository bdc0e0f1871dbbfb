//! What cannot be read in one way only is refused, with a hint that settles it.

use forecast::read;
use std::fmt::Write;

use forecast::read::{ReadOptions, Source};
use forecast::time::{NamedFrequency, Weekdays};

use crate::files::{read, said, shipped};

fn refused(name: &str, text: &str, options: &ReadOptions) -> String {
    match read(name, text, options) {
        Err(error) => said(&error),
        Ok(read) => panic!("{name} was read: {}", read.summary()),
    }
}

fn plain(text: &str) -> String {
    refused("sales.csv", text, &ReadOptions::default())
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("demand.csv"), "date,v\n").unwrap();
    let missing = read::read(&Source::Path(folder.path().join("demnad.csv")), &ReadOptions::default()).unwrap_err();
    let missing = said(&missing).replace(&format!("{}/", folder.path().display()), "");
    let all = [
        missing,
        plain(""),
        plain("\n \n"),
        plain("date,sales\n"),
        plain("PK\u{3}\u{4}and more"),
        plain("<!DOCTYPE html><html>"),
        plain("date,sales\n2024-01-01,1\n2024-01-02,1,5\n"),
        plain("date,sales\n2024-01-01,1\n2024-01-02,\"1\n2024-01-03,5\n"),
        plain(&(1..=14).fold("date,sales\n".to_owned(), |text, day| text + &format!("2024-01-{day:02},1,{day}\n"))),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn columns_that_cannot_be_told() {
    let named = |options| refused("sales.csv", "date,sales,price\n2024-01-01,1,2\n2024-01-02,2,2\n", &options);
    let all = [
        plain("date,name\n2024-01-01,a\n2024-01-02,b\n"),
        said(&shipped("weather.csv", &ReadOptions::default()).unwrap_err()),
        named(ReadOptions { target: Some("slaes".into()), ..ReadOptions::default() }),
        named(ReadOptions { time: Some("when".into()), ..ReadOptions::default() }),
        named(ReadOptions { ids: vec!["date".into()], time: Some("date".into()), ..ReadOptions::default() }),
        plain("name,sales\nanna,1\nbert,2\n"),
        plain("date,unit sales,unit price\n2024-01-01,1,2\n2024-01-02,2,2\n"),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn cells_that_cannot_be_used() {
    let many = (0..25).fold(String::from("date,sales\n"), |mut text, day| {
        writeln!(text, "day {day},{day}").unwrap();
        text
    });
    let all = [
        plain("date,note,sales\n2024-01-01,\"two\nlines\",1\n2024-02-01,,2\n2024-13-01,,3\n"),
        plain(&many),
        plain("date,sales\n2024-01-01,1\n,2\n2024-01-03,3\n"),
        plain("date,sales\n03/04/2024,1\n04/04/2024,2\n05/04/2024,3\n"),
        plain("date,sales\n2024-01-30T00:00:00+01:00,1\n2024-01-31T00:00:00+01:00,1\n2024-02-01T00:00:00+07:00,2\n"),
        plain("date,sales\n2024-01-30T00:00:00+01:00,1\n2024-01-31T00:00:00,1\n2024-02-01T00:00:00+01:00,2\n"),
        plain("date,sales\n2024-01-01,1\n2024-01-02,two\n2024-01-03,3\n"),
        plain("date,sales\n2024-01-01,1\nsoon,2\n2024-01-03,three\n2024-01-04,4\n"),
        plain("date,share\n2024-01-01,1%\n2024-01-02,2%\n2024-01-03,0.03\n"),
        plain("date,price\n2024-01-01,$1\n2024-01-02,€2\n2024-01-03,$3\n"),
        plain("date,sales\n2024-01-01,1\n2024-01-02,inf\n2024-01-03,3\n"),
        refused(
            "sales.csv",
            "date,sales\n2024-01-01,\n2024-01-02,NA\n",
            &ReadOptions { target: Some("sales".into()), ..ReadOptions::default() },
        ),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn times_that_do_not_fit() {
    let days = |count: i32| {
        (1..=count).fold(String::from("date,sales\n"), |mut text, day| {
            writeln!(text, "2024-01-{day:02},{day}").unwrap();
            text
        })
    };
    let asked = |text: &str, frequency| {
        refused("sales.csv", text, &ReadOptions { frequency: Some(frequency), ..ReadOptions::default() })
    };
    let hours = (0..12).fold(String::from("time,sales\n"), |mut text, hour| {
        writeln!(text, "2024-01-01 {hour:02}:{},{hour}", if hour == 5 { "07" } else { "00" }).unwrap();
        text
    });
    let all = [
        plain(&hours),
        plain("date,sales\n2024-01-01,1\n"),
        plain(&format!("{}2204-01-01,5\n", days(28))),
        plain(&format!("{}2024-01-05,99\n", days(28))),
        plain(&(days(9) + &days(9)["date,sales\n".len()..].replace(",1", ",7"))),
        refused(
            "sales.csv",
            "date,sales,code\n2024-01-01,1,8\n2024-01-01,2,9\n2024-01-02,1,8\n2024-01-02,2,9\n",
            &ReadOptions { target: Some("sales".into()), ..ReadOptions::default() },
        ),
        asked(&days(20), NamedFrequency::Monthly),
        asked(&days(20), NamedFrequency::Hourly),
        asked(&days(20), NamedFrequency::BusinessDaily(Weekdays::BUSINESS)),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn names_that_are_not_known() {
    let calendar = "fortnightly".parse::<NamedFrequency>().unwrap_err();
    insta::assert_snapshot!(said(&calendar));
}
