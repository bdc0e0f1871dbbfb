//! The default model end to end: the weights of its members on the terminal and in run.json.

use serde_json::Value;

use crate::sandbox::{FILES_OF_TRAINED_RUN, Sandbox, daily_csv, stdout};

/// A sandbox with a history that is long enough for networks.
fn long_daily() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("daily.csv", &daily_csv(100));
    sandbox
}

#[test]
fn the_default_prints_its_weights_and_a_verdict() {
    let sandbox = long_daily();
    let output = sandbox.run("--csv daily.csv --horizon 3 --verbose");
    let text = stdout(&output);
    let lines: Vec<&str> = text.lines().collect();
    let [weights_line, verdict] = lines[lines.len() - 2..] else { panic!("{text}") };
    assert!(
        weights_line.starts_with("auto: ") && weights_line.ends_with("; weighted by errors at 8 origins"),
        "{weights_line}"
    );
    assert!(
        verdict.contains("auto") && verdict.contains("seasonal naive") && verdict.contains(" 95% interval "),
        "{verdict}"
    );
    assert!(verdict.contains(" folds; 80% interval covers "), "{verdict}");
    assert_eq!(sandbox.names("daily-forecast"), FILES_OF_TRAINED_RUN);

    let run: Value = serde_json::from_str(&sandbox.read("daily-forecast/run.json")).unwrap();
    assert_eq!((&run["settings"]["model"], &run["ensemble_weights"][0]["origins"]), (&"auto".into(), &8.into()));
    let parts = run["ensemble_weights"][0]["members"].as_array().unwrap();
    let weights: Vec<f64> = parts.iter().map(|part| part["weight"].as_f64().unwrap()).collect();
    assert!(weights.is_sorted_by(|a, b| a >= b) && (weights.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{weights:?}");
    assert!(
        weights_line.contains(&format!("{} {:.2}", parts[0]["name"].as_str().unwrap(), weights[0])),
        "{weights_line}"
    );
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(printed.contains("fitting auto\n") && !printed.contains("checking auto"), "fitted once: {printed}");
    // the table has a line for each member, also for one without weight
    let table: Vec<&str> = printed.lines().skip_while(|line| !line.trim_start().starts_with("member ")).collect();
    for part in parts {
        let name = part["name"].as_str().unwrap();
        let weight = format!("{:.3}", part["weight"].as_f64().unwrap());
        assert!(
            table.iter().any(|line| line.trim_start().starts_with(name) && line.contains(&weight)),
            "{name}: {printed}"
        );
    }
}

#[test]
fn a_second_run_of_the_default_gives_the_same_bytes() {
    let sandbox = long_daily();
    for out in ["one", "two"] {
        sandbox.run(&format!("--csv daily.csv --horizon 3 --out {out} -q"));
    }
    let names = sandbox.names("one/model");
    assert!(names == sandbox.names("two/model") && names.len() > 1, "networks too: {names:?}");
    let model = names.iter().map(|name| format!("model/{name}"));
    for file in model.chain(["forecast.csv", "forecast.png", "loss.png"].map(str::to_owned)) {
        assert!(sandbox.bytes(&format!("one/{file}")) == sandbox.bytes(&format!("two/{file}")), "{file} differs");
    }
    sandbox.run("predict --model one --csv daily.csv --out again -q");
    assert_eq!(sandbox.read("again/forecast.csv"), sandbox.read("one/forecast.csv"));
}

#[test]
fn weights_of_several_series_are_averaged() {
    let sandbox = Sandbox::new();
    let rows = |id: u32| daily_csv(40).lines().skip(1).map(|row| format!("s{id},{row}\n")).collect::<Vec<_>>().concat();
    sandbox.write("many.csv", &format!("id,date,sales\n{}", (1..=5).map(rows).collect::<Vec<_>>().concat()));
    let text = stdout(&sandbox.run("--csv many.csv -n 3"));
    let line = text.lines().find(|line| line.starts_with("auto: ")).unwrap();
    assert!(
        line.starts_with("auto: mean weights over 5 series: ") && line.contains("weighted in each series by errors"),
        "{line}"
    );
    let run: Value = serde_json::from_str(&sandbox.read("many-forecast/run.json")).unwrap();
    let keys: Vec<&str> =
        run["ensemble_weights"].as_array().unwrap().iter().map(|weights| weights["key"][0].as_str().unwrap()).collect();
    assert_eq!(keys, ["s1", "s2", "s3", "s4", "s5"]);
    // a single model has no weights
    let alone = stdout(&sandbox.run("--csv many.csv -n 3 --model theta"));
    assert!(!alone.contains("weights"), "{alone}");
}
