//! A long training that is cut off goes on where it was, and a series that nothing can be said of stops no other.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::desk::{Desk, stdout};

/// Monthly series of five years.
fn with_panel() -> Desk {
    let desk = Desk::new();
    let row = |shop: u32, t: u32| {
        let noise = f64::from((t * 7919 + shop * 104_729) % 101) / 20.0;
        let value = 50.0 + f64::from(shop) + [0.0, 8.0, -5.0, 3.0, -6.0, 2.0][t as usize % 6] + noise;
        format!("{shop},{}-{:02},{value:.2}\n", 2019 + t / 12, 1 + t % 12)
    };
    let rows = (0..40).flat_map(|shop| (0..60).map(move |t| row(shop, t)));
    let text = "shop,month,sales\n".to_owned() + &rows.collect::<String>();
    desk.write("shops.csv", &text);
    desk
}

const GLOBAL: &str =
    "--csv shops.csv -n 6 --id shop --target sales --model global --members 5 --epochs 12 --quiet --out";

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_bytes() {
    let desk = with_panel();
    let mut cut = desk.forecast(&format!("{GLOBAL} cut")).spawn().unwrap();
    let first = desk.path("cut.unfinished").join("1_00.safetensors");
    while !first.exists() && cut.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(2));
    }
    cut.kill().unwrap();
    cut.wait().unwrap();
    assert!(first.exists() && !desk.path("cut").exists(), "it was killed on the way");
    let kept = fs::metadata(&first).unwrap().modified().unwrap();
    desk.run(&format!("{GLOBAL} cut --resume"));
    desk.run(&format!("{GLOBAL} whole"));
    assert!(kept.elapsed().is_ok() && !desk.path("cut.unfinished").exists(), "nothing is left of it in the end");
    assert_eq!(desk.bytes("cut/forecast.csv"), desk.bytes("whole/forecast.csv"));
    assert_eq!(desk.names("."), ["cut", "shops.csv", "whole"]);
}

#[test]
fn resume_is_refused_where_nothing_is_kept() {
    let desk = Desk::with_daily();
    let refused = desk.forecast("--csv daily.csv -n 7 --resume").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&refused.stderr),
        "error: --resume does nothing for auto of 1 series, which keeps nothing on the way\nhint: leave --resume out\n"
    );
}

#[test]
fn what_is_in_the_way_is_left_alone() {
    let desk = with_panel();
    fs::create_dir(desk.path("out.unfinished")).unwrap();
    desk.write("out.unfinished/notes.txt", "mine");
    let refused = desk.forecast(&format!("{GLOBAL} out")).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("out.unfinished is in the way") && said.contains("--out DIR"), "{said}");
    assert_eq!(desk.read("out.unfinished/notes.txt"), "mine");
}

#[test]
fn a_series_without_a_value_is_in_failed_csv_and_the_others_come_out() {
    let desk = Desk::new();
    let rows = (1..=28).map(|day| format!("a,2024-01-{day:02},{}\n\"b, c\",2024-01-{day:02},\n", day % 7));
    desk.write("two.csv", &("shop,date,sales\n".to_owned() + &rows.collect::<String>()));
    let said = stdout(&desk.run("--csv two.csv -n 3 --model naive"));
    assert!(said.contains("failed.csv"), "{said}");
    assert_eq!(desk.read("two-forecast/failed.csv"), "series,reason\n\"b, c\",it has no value\n");
    assert_eq!(desk.read("two-forecast/forecast.csv").lines().count(), 4);
}
