//! run.json: what a run records is read back as it was written.

use forecast::run::RunRecord;
use forecast::time::ZoneInfo;

use crate::sandbox::Sandbox;

#[test]
fn the_record_of_every_command_is_read_back_as_it_was_written() {
    let sandbox = Sandbox::with_daily();
    sandbox.copy_dataset("tourism.csv");
    sandbox.write("berlin.csv", include_str!("../corpus/berlin.csv"));
    let runs = [
        ("--csv daily.csv -n 3 --model theta", "daily-forecast"),
        ("--csv berlin.csv -n 3 --model drift", "berlin-forecast"),
        ("--csv daily.csv -n 3 --budget 100ms --out short", "short"),
        ("--csv tourism.csv -n 4 --model drift --reconcile", "tourism-forecast"),
        ("backtest --csv daily.csv -n 3 --model theta,drift", "daily-backtest"),
        ("train --csv daily.csv -n 3 --model drift --out model", "model"),
        ("predict --model model --csv daily.csv", "daily-prediction"),
    ];
    for (line, folder) in runs {
        sandbox.run(line);
        let text = sandbox.read(&format!("{folder}/run.json"));
        let record: RunRecord = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string_pretty(&record).unwrap() + "\n", text, "{line}");
    }
}

#[test]
fn members_of_earlier_versions_are_read_as_components() {
    let sandbox = Sandbox::with_daily();
    sandbox.run("--csv daily.csv -n 3 --budget 100ms --out run");
    let text = sandbox.read("run/run.json");
    let earlier = text.replace("\"members\": [", "\"components\": [");
    assert_ne!(earlier, text);
    let parse = |text: &str| serde_json::from_str::<RunRecord>(text).unwrap();
    assert_eq!(parse(&earlier), parse(&text));
}

#[test]
fn zones_are_read_back_by_their_names() {
    let zone = |name: &str| -> ZoneInfo { serde_json::from_str(name).unwrap() };
    let elapsed = r#"{"elapsed":{"zone":"Europe/Berlin","offset":3600,"writes_offset":true}}"#;
    for text in [r#""unspecified""#, r#"{"fixed":{"offset":19800}}"#, r#"{"local":{"zone":"Asia/Kolkata"}}"#, elapsed] {
        assert_eq!(serde_json::to_string(&zone(text)).unwrap(), text);
    }
    let unknown = serde_json::from_str::<ZoneInfo>(r#"{"local":{"zone":"Europe/Berlim"}}"#).unwrap_err();
    assert!(unknown.to_string().contains("Europe/Berlin"), "{unknown}");
}
