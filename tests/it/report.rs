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
    let line = "--csv daily.csv -n 7 --model theta --anomalies";
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
    let page = page_of(&sandbox, "--csv daily.csv -n 7 --model theta", "daily-forecast");
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
    let page = page_of(&sandbox, "--csv shops.csv -n 5 --model naive --out shops", "shops");
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
    let page = page_of(&sandbox, "--csv shops.csv -n 7 --model seasonal-naive --out shops", "shops");
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

/// Asserts that the drawn series are these, in this order.
fn assert_drawn(page: &str, names: &[&str]) {
    let page = page.replace("&#x2f;", "/");
    let titles: Vec<&str> = page.split("<figcaption>").skip(1).map(|rest| rest.split_once('<').unwrap().0).collect();
    assert_eq!(titles[..names.len()], *names);
    assert!(!titles[names.len()..].iter().any(|title| title.starts_with("north")), "{titles:?}");
}

#[test]
fn the_series_of_a_page_are_chosen_by_their_ids() {
    let sandbox = Sandbox::new();
    let mut text = String::from(
        "region,item,date,sales
",
    );
    for (region, item) in [("north", "bread"), ("north", "milk, fresh"), ("south", "bread"), ("south", "tea")] {
        for row in daily_csv(30).lines().skip(1) {
            writeln!(text, "{region},\"{item}\",{row}").unwrap();
        }
    }
    sandbox.write("shops.csv", &text);
    let page = |series: &[&str]| {
        let mut command = sandbox.forecast("--csv shops.csv -n 5 --model naive --out shops -q");
        let flags = series.iter().flat_map(|ids| ["--report-series", ids]);
        assert!(command.args(flags).status().unwrap().success(), "{series:?}");
        sandbox.read("shops/report.html")
    };
    assert_drawn(&page(&["tea,north / bread"]), &["south / tea", "north / bread"]);
    assert_drawn(&page(&["bread"]), &["north / bread", "south / bread"]);
    assert_drawn(&page(&["milk, fresh"]), &["north / milk, fresh"]);
    assert_drawn(&page(&["tea", "south"]), &["south / tea", "south / bread"]);
    assert!(page(&["tea"]).contains("<h2>The chosen series</h2>"));

    let refused = |flags: &[&str]| {
        let output = sandbox.forecast("--csv shops.csv -n 5 --model naive").args(flags).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        stderr(&output)
    };
    let text = refused(&["--report-series", "tea,breat"]);
    assert!(text.contains("there is no series breat") && text.contains("`--report-series bread`"), "{text}");
    let text = refused(&["--report-series", "north / tee"]);
    assert!(text.contains("did you mean `--report-series 'south / tea'`") || text.contains("inspect"), "{text}");
    let text = refused(&["--report-series", "something else"]);
    assert!(text.contains("`forecast inspect --csv FILE --verbose`"), "{text}");
    let text = refused(&["--report-series", "tea", "--no-report"]);
    assert!(text.contains("cannot be used together"), "{text}");
    for flags in [["--out", "-", "--no-report"], ["--out=-", "--report-series", "tea"]] {
        let text = refused(&flags);
        assert!(text.contains("has no effect without a folder") && text.contains("`--out DIR`"), "{text}");
    }
}

#[test]
fn a_page_is_left_out_and_never_draws_too_many_series() {
    let sandbox = Sandbox::with_daily();
    for (line, folder) in [
        ("--csv daily.csv -n 7 --model naive --no-report", "daily-forecast"),
        ("backtest --csv daily.csv -n 7 --model naive --no-report", "daily-backtest"),
    ] {
        sandbox.run(line);
        assert!(!sandbox.names(folder).contains(&"report.html".to_owned()), "{line}");
    }
    let output = sandbox.forecast("--csv daily.csv -n 7 --model naive --report-series north").output().unwrap();
    assert!(stderr(&output).contains("the file has a single series"), "{}", stderr(&output));
    let mut text = String::from("shop,kind,date,sales\n");
    for shop in 0..61 {
        for row in daily_csv(15).lines().skip(1) {
            writeln!(text, "s{shop},all,{row}").unwrap();
        }
    }
    sandbox.write("many.csv", &text);
    let output =
        sandbox.forecast("--csv many.csv --id shop,kind -n 2 --model naive --report-series all").output().unwrap();
    assert!(stderr(&output).contains("names 61 series, a page draws at most 60"), "{}", stderr(&output));
}

#[test]
fn predictions_and_backtests_have_a_page() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("train --csv daily.csv -n 7 --model theta --out kept");
    let page = page_of(&sandbox, "predict --model kept --csv daily.csv --out next", "next");
    assert!(page.contains("<h2>Forecast</h2>") && !page.contains("<h2>Models on the past</h2>"));
    let page = page_of(&sandbox, "backtest --csv daily.csv -n 7 --model theta,drift --out past", "past");
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
    for flag in ["--anomalies", "--explain"] {
        let text = refused(&format!("--csv daily.csv -n 7 --model naive --out - {flag}"));
        assert!(text.contains(&format!("{flag} writes its own file")) && text.contains("`--out DIR`"), "{text}");
    }
    let text = refused("--csv daily.csv -n 7 --model naive --anomalies --level 50");
    assert!(text.contains("--anomalies needs the 95 % interval"), "{text}");
    assert!(text.contains("`--level 80,95`"), "{text}");
    sandbox.run("--csv daily.csv -n 7 --model naive --anomalies --level 80,95");
}
