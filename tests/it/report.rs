//! `report.html`: one file that loads nothing, in which names from the data are text.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::sandbox::{Sandbox, daily_csv, stderr};

/// The text between two marks, of which the first occurs once.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).unwrap().0
}

fn page_of(sandbox: &Sandbox, line: &str, folder: &str) -> String {
    sandbox.run(line);
    sandbox.read(&format!("{folder}/report.html"))
}

#[test]
fn a_page_of_one_series_is_small_repeatable_and_allows_its_own_script_only() {
    let sandbox = Sandbox::with_daily();
    let line = "--csv daily.csv -n 7 --model theta --report --anomalies";
    let page = page_of(&sandbox, line, "daily-forecast");
    assert!(page == page_of(&sandbox, line, "daily-forecast"), "a second run differs");
    assert!(page.len() < 300_000, "{} bytes", page.len());

    let script = between(&page, "<script>", "</script>");
    assert!(script.len() <= 2048, "the script has {} bytes", script.len());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\">");
    for part in [script, between(&page, "<style>", "</style>")] {
        assert!(policy.contains(&format!("'sha256-{}'", STANDARD.encode(Sha256::digest(part)))), "{policy}");
    }
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
    for loading in ["http:", "https:", "src=", "url(", "@import", "style=", "<link"] {
        assert!(!page.replace("default-src", "").replace("script-src", "").contains(loading), "{loading}");
    }
    assert!(page.contains(&format!("<pre tabindex=\"0\">forecast {line}</pre>")));
    for heading in ["Forecast", "Anomalies", "Data as understood", "Models on the past", "Error and coverage by step"] {
        assert!(page.contains(&format!("<h2>{heading}</h2>")), "{heading}");
    }
}

#[test]
fn the_page_has_the_numbers_of_the_other_files() {
    let sandbox = Sandbox::with_daily();
    let page = page_of(&sandbox, "--csv daily.csv -n 7 --model theta --report", "daily-forecast");
    let values: Vec<Vec<Vec<String>>> =
        serde_json::from_str(between(&page, "id=\"values\">", "</script>")).expect("JSON");
    let figure = &values[0];
    let column = |name: &str| figure.iter().find(|column| column[0] == name).unwrap_or_else(|| panic!("no {name}"));
    let csv = sandbox.read("daily-forecast/forecast.csv");
    let names: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    for row in csv.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let at = column("date").iter().position(|time| time == cells[0]).expect("a time of the forecast");
        for (name, cell) in names.iter().zip(&cells) {
            assert_eq!(column(name)[at].replace(',', ""), **cell, "{name} at {}", cells[0]);
        }
    }
    let last = daily_csv(56).lines().last().unwrap().to_owned();
    let (time, value) = last.split_once(',').unwrap();
    let at = column("date").iter().position(|own| own == time).unwrap();
    let number = |text: &str| text.parse::<f64>().unwrap();
    assert_eq!(number(&column("history")[at]), number(value));
    assert_eq!(column("forecast")[at], "", "a past value has no forecast");
}

#[test]
fn markup_in_names_is_text() {
    let sandbox = Sandbox::new();
    let (attack, id) = ("</script><img src=x onerror=alert(1)>", "<b>it's & co</b>");
    let mut text = format!("date,shop,{attack}\n");
    for shop in [id, "harbour"] {
        for row in daily_csv(40).lines().skip(1) {
            text += &(row.replacen(',', &format!(",{shop},"), 1) + "\n");
        }
    }
    sandbox.write("shops.csv", &text);
    let page = page_of(&sandbox, "--csv shops.csv -n 5 --model naive --report --out shops", "shops");
    assert!(!page.contains("<img") && !page.contains("<b>"));
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;</h1>"));
    assert!(page.contains("<figcaption>&lt;b&gt;it"));
    assert_eq!(page.matches("</script>").count(), 2, "the values and the script");
}

#[test]
fn a_page_of_a_thousand_series_has_all_figures_and_draws_the_largest() {
    let sandbox = Sandbox::new();
    let mut text = String::from("shop,date,sales\n");
    for shop in 0..1000 {
        for row in daily_csv(28).lines().skip(1) {
            let (date, value) = row.split_once(',').unwrap();
            let value = value.parse::<f64>().unwrap() * f64::from(1 + shop % 100);
            writeln!(text, "shop {shop:04},{date},{value:.1}").unwrap();
        }
    }
    sandbox.write("shops.csv", &text);
    let page = page_of(&sandbox, "--csv shops.csv -n 7 --model seasonal-naive --report --out shops", "shops");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<figcaption>shop ").count(), 12);
    assert!(
        page.contains("<figcaption>shop 0099</figcaption>") && !page.contains("<figcaption>shop 0000</figcaption>")
    );
    assert_eq!(page.matches("<tr><td>shop ").count(), 1000);
    let overview = between(&page, "all series, the largest first", "</thead>");
    for heading in ["shop", "mean forecast", "growth", "MASE", "coverage of 80 %"] {
        assert!(overview.contains(&format!("<button type=\"button\">{heading}</button>")), "{heading}");
    }
}

#[test]
fn predictions_and_backtests_have_a_page() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 7 --model theta --out kept");
    let page = page_of(&sandbox, "predict --model kept --csv daily.csv --report --out next", "next");
    assert!(page.contains("<h2>Forecast</h2>") && !page.contains("<h2>Models on the past</h2>"));
    let page = page_of(&sandbox, "backtest --csv daily.csv -n 7 --model theta,drift --report --out past", "past");
    assert!(page.contains("<h2>Forecasts of the past</h2>"));
    let leaderboard = between(&page, "models on the same folds", "</table>");
    let place = |model: &str| leaderboard.find(&format!("<td>{model}</td>")).expect("a row");
    assert!(place("theta") < place("drift"), "the most accurate model is first");
}

#[test]
fn files_of_their_own_need_a_folder_and_anomalies_their_interval() {
    let sandbox = Sandbox::with_daily();
    let refused = |line: &str| {
        let output = sandbox.forecast(line).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}");
        stderr(&output)
    };
    for flag in ["--report", "--anomalies", "--explain"] {
        let text = refused(&format!("--csv daily.csv -n 7 --model naive --out - {flag}"));
        assert!(text.contains(&format!("{flag} writes its own file")) && text.contains("`--out DIR`"), "{text}");
    }
    let text = refused("--csv daily.csv -n 7 --model naive --anomalies --level 50");
    assert!(text.contains("--anomalies needs the 95 % interval"), "{text}");
    assert!(text.contains("`--level 80,95`"), "{text}");
    sandbox.run("--csv daily.csv -n 7 --model naive --anomalies --level 80,95");
}
