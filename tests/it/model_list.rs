//! The list of models in docs/models.md: it has every model, and says how each is fitted to several series.

use std::fmt::Write as _;

use forecast::model::{self, ModelOption, SilentObserver, Task};
use forecast::panel::Panel;
use forecast::read::{ReadOptions, Source, read};

/// The name of each model in the list, and what it does with several series.
fn listed() -> Vec<(String, String)> {
    let rows = include_str!("../../docs/models.md").lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells.map(|cells| (cells[0].trim_matches('`').to_owned(), cells[2].to_owned())).collect()
}

#[test]
fn the_list_of_models_has_every_model() {
    let mut names: Vec<String> = listed().into_iter().map(|(name, _)| name).collect();
    let mut known: Vec<String> = model::names().map(str::to_owned).collect();
    names.sort();
    known.sort();
    assert_eq!(names, known);
}

/// Two monthly series. The second has another size and another season in each panel.
fn two_series(shift: u32) -> Panel {
    let mut text = "store,month,sales\n".to_owned();
    for (store, shift) in [("a", 0), ("b", shift)] {
        for t in 0..72_u32 {
            let value = 100 + 40 * shift + (t + shift) % 12 * (1 + shift) + t * 7919 % 13;
            writeln!(text, "{store},{}-{:02}-01,{value}", 2015 + t / 12, t % 12 + 1).unwrap();
        }
    }
    let options = ReadOptions { ids: vec!["store".into()], ..ReadOptions::default() };
    read(&Source::Bytes(text.into()), &options).unwrap().panel
}

#[test]
fn a_model_is_fitted_to_several_series_as_the_list_says() {
    let small = [ModelOption::Epochs(20), ModelOption::Hidden(4), ModelOption::Members(2)];
    for (name, several) in listed() {
        let mut model = model::named(&name).unwrap();
        for option in small {
            // models without networks refuse it
            let _ = model.set_option(option);
        }
        let forecast = |panel: &Panel| {
            let fit = model.fit(panel, &Task::new(3), &mut SilentObserver).unwrap();
            fit.predict(panel).unwrap()[0].median().to_vec()
        };
        match several.as_str() {
            "series by series" => assert_eq!(forecast(&two_series(3)), forecast(&two_series(5)), "{name}"),
            "one model for all" => assert_ne!(forecast(&two_series(3)), forecast(&two_series(5)), "{name}"),
            // its weights decide how much the other series change
            other => assert!(name == "auto" && other.starts_with("both"), "{name}: {other}"),
        }
    }
}
