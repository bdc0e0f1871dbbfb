//! Covariates of words that are read by series: many words, days of a kind, and models with other covariates.

use std::fmt::Write;

use forecast::model::auto::WithPooledModel;
use forecast::model::{self, Model};
use forecast::panel::{CovariateKind, RepairPolicy};
use forecast::read::{Dataset, ReadOptions, Source, read};
use forecast::{Error, Panel};

use crate::separate_series::{results, trained};

fn options(frequency: &str, covariates: &[&str]) -> ReadOptions {
    ReadOptions {
        unfinished: RepairPolicy::Keep,
        missing: Some(Vec::new()),
        frequency: Some(frequency.parse().unwrap()),
        time: Some("day".into()),
        target: Some("y".into()),
        ids: vec!["id".into()],
        covariates: covariates.iter().map(|name| (*name).to_owned()).collect(),
        separate_covariates: true,
        ..ReadOptions::default()
    }
}

fn read_days(text: &str, covariates: &[&str]) -> Dataset {
    read(&Source::Bytes(text.into()), &options("daily", covariates)).unwrap()
}

fn notices(dataset: &Dataset) -> Vec<String> {
    dataset.notices.iter().map(ToString::to_string).collect()
}

fn day(t: usize) -> String {
    (chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(t as u64)).to_string()
}

/// Days of some series, and rows without a target after the first `length`.
fn days(series: &[usize], length: usize, of: usize, word: impl Fn(usize, usize) -> String) -> String {
    let mut text = "id,day,y,event\n".to_owned();
    for which in series {
        for t in 0..of {
            let word = word(*which, t);
            let effect = if word == "yes" { 30.0 } else { 0.0 };
            let value =
                100.0 + [0.0, 4.0, 6.0, 5.0, 9.0, 12.0, 8.0][t % 7] + effect + ((which + t * 17) % 11) as f64 / 5.0;
            let value = if t < length { format!("{value:.1}") } else { String::new() };
            writeln!(text, "s{which},{},{value},{word}", day(t)).unwrap();
        }
    }
    text
}

#[test]
fn a_rare_word_of_the_past_is_not_said_to_be_unseen() {
    // 25 words, of which five are rarer than the others
    let word = |future: &'static str| {
        move |_: usize, t: usize| match t {
            0..125 if t % 25 >= 20 && t >= 25 => "w00".to_owned(),
            0..125 => format!("w{:02}", t % 25),
            _ => future.to_owned(),
        }
    };
    let read_with = |future| notices(&read_days(&days(&[0, 1], 125, 128, word(future)), &["event"]));
    let limited = "covariate event has 25 categories: only the 20 most frequent are kept";
    let rare = read_with("w22");
    assert!(rare.iter().any(|notice| notice == limited), "{rare:?}");
    assert!(rare.iter().all(|notice| !notice.contains("never occurs")), "{rare:?}");
    let unseen = read_with("w99").join("\n");
    let never =
        "covariate event has 6 rows with a category that never occurs with a value of the target, such as \"w99\"";
    assert!(unseen.contains(never), "{unseen}");
}

#[test]
fn many_words_are_alike_in_every_part() {
    // each series has 25 words, of which some are those of others
    let word = |which: usize, t: usize| format!("w{:02}", (t * t + which * 7) % (21 + which) + which * 5);
    let read_part = |series: &[usize]| {
        let dataset = read_days(&days(series, 120, 126, word), &["event"]);
        let CovariateKind::Category(labels) = &dataset.panel.covariates().columns()[0].kind else { panic!("words") };
        assert!(labels.len() <= 20 * series.len());
        dataset.panel
    };
    assert_alike(&WithPooledModel::pretrained(), &read_part(&[0, 1, 2, 3]), |which| read_part(&[which]));
}

#[test]
fn days_of_a_binary_category_have_an_effect_and_are_alike_in_every_part() {
    let is_event = |which: usize, t: usize| if t < 180 { (t + which).is_multiple_of(23) } else { t == 182 };
    let word = move |which: usize, t: usize| if is_event(which, t) { "yes" } else { "no" }.to_owned();
    let read_part = |series: &[usize]| read_days(&days(series, 180, 186, word), &["event"]).panel;
    let whole = read_part(&[0, 1, 2]);
    let kind = &whole.covariates().columns()[0].kind;
    assert_eq!(*kind, CovariateKind::Category(vec!["no".into(), "yes".into()]));
    let model = WithPooledModel::pretrained();
    assert_alike(&model, &whole, |which| read_part(&[which]));
    for (_, forecast, _) in results(&model, &whole) {
        let median = forecast.median();
        assert!(median[2] > 15.0 + f64::midpoint(median[1], median[3]), "the event adds 30: {median:?}");
    }
}

/// Asserts that each series alone has the forecast and the hindcasts that it has in a whole panel.
fn assert_alike(model: &dyn Model, whole: &Panel, alone: impl Fn(usize) -> Panel) {
    let whole = results(model, whole);
    assert!(whole.iter().any(|(_, _, hindcasts)| !hindcasts.is_empty()));
    for (which, of_whole) in whole.iter().enumerate() {
        assert!(results(model, &alone(which)) == std::slice::from_ref(of_whole), "s{which}");
    }
}

#[test]
fn a_saved_model_refuses_other_covariates_and_other_kinds() {
    let text = days(&[0, 1, 2], 60, 66, |which, t| ["a", "b", "b"][(t + which) % 3].to_owned());
    let panel = read_days(&text, &["event"]).panel;
    let (_, pooled, folder) = trained(&panel);
    let saved = model::load(folder.path()).unwrap();
    assert_eq!(saved.horizon(), Some(pooled.horizon()));
    let without = read_days(&text, &[]).panel;
    let numbers = read_days(&text.replace(",a\n", ",1\n").replace(",b\n", ",2\n"), &["event"]).panel;
    let errors = [&without, &numbers].map(|panel| saved.predict(panel).unwrap_err());
    assert!(matches!(&errors[0], Error::CovariateMismatch { .. }), "{}", errors[0]);
    assert!(matches!(&errors[1], Error::CovariateKindMismatch { .. }), "{}", errors[1]);
    assert_eq!(
        errors.map(|error| error.to_string()),
        [
            "the model was trained with the covariates event, the data has none",
            "the model was trained with words in the covariate event, the data has numbers"
        ]
    );
    // the file of the model names other covariates than the data
    let path = folder.path().join("settings.json");
    let settings = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, settings.replace("\"event\"", "\"other\"")).unwrap();
    let other = model::load(folder.path()).unwrap().predict(&panel).unwrap_err();
    assert_eq!(other.to_string(), "the model was trained with the covariates other, the data has event");
}

#[test]
fn words_are_those_of_a_given_model() {
    let word = |_: usize, t: usize| ["a", "b", "c"][t % 2 + usize::from(t == 63)].to_owned();
    let text = days(&[0], 60, 66, word);
    let with_words = read_days(&text, &["event"]).panel.covariates().columns().to_vec();
    let of_model = |labels: &[&str]| {
        let mut columns = with_words.clone();
        columns[0].kind = CovariateKind::Category(labels.iter().map(|label| (*label).to_owned()).collect());
        read(
            &Source::Bytes(text.clone().into()),
            &ReadOptions { model_covariates: columns, ..options("daily", &["event"]) },
        )
        .unwrap()
    };
    let known = of_model(&["x", "c", "a", "b"]);
    assert_eq!(known.panel.covariates().values(0)[0][60..], [2.0, 3.0, 2.0, 1.0, 2.0, 3.0]);
    assert_eq!(notices(&known), Vec::<String>::new());
    let unknown = of_model(&["x", "a"]);
    assert_eq!(unknown.panel.covariates().values(0)[0][60..], [1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
    let note =
        "covariate event has 2 categories that the model does not have, such as \"b\": they are treated as no category";
    assert_eq!(notices(&unknown), [note]);
}
