//! The format, the size, the colours and the title of pictures, in the library and on the command line.

use std::path::Path;

use forecast::model::stat::Baseline;
use forecast::model::{SilentObserver, Task};
use forecast::panel::{Columns, Series};
use forecast::plot::{self, Picture, PictureStyle, Theme};
use forecast::time::{Frequency, Timestamp};
use forecast::{Forecast, Model, Panel};

use crate::sandbox::Sandbox;

fn panel_and_forecasts() -> (Panel, Vec<Forecast>) {
    let columns = Columns { time: Some("t".into()), target: "sales".into(), ids: vec!["shop".into()] };
    let values: Vec<f64> = (0..12).map(|t| f64::from(5 + t % 4)).collect();
    let series = Series {
        key: vec!["a<b> & \"c\"".into()],
        start: Timestamp::Index(1),
        observed: vec![true; values.len()],
        values,
    };
    let panel = Panel::new(columns, Frequency::INDEX, 4, vec![series]).unwrap();
    let fit = Baseline::SeasonalNaive.fit(&panel, &Task::new(3), &mut SilentObserver).unwrap();
    let forecasts = fit.predict(&panel).unwrap();
    (panel, forecasts)
}

fn drawn(name: &str, style: &PictureStyle) -> Vec<u8> {
    let (panel, forecasts) = panel_and_forecasts();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    plot::forecast(Picture::styled(&path, style), &panel, &forecasts).unwrap();
    std::fs::read(path).unwrap()
}

/// The width, the height and the colour of the upper left corner of a PNG.
fn png(style: &PictureStyle) -> (u32, u32, [u8; 3]) {
    let bytes = drawn("picture.png", style);
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, [pixels[0], pixels[1], pixels[2]])
}

#[test]
fn an_svg_has_real_coordinates_and_text() {
    let svg = String::from_utf8(drawn("picture.svg", &PictureStyle::default())).unwrap();
    assert!(svg.contains("a&lt;b&gt; &amp; &quot;c&quot;") && !svg.contains("<b>"), "names are text");
    insta::assert_snapshot!(svg);
}

#[test]
fn an_svg_of_another_size_has_the_same_shapes_in_another_view() {
    let style = PictureStyle { width: Some(800), theme: Theme::Dark, title: Some("Plan".into()), ..Default::default() };
    let svg = String::from_utf8(drawn("picture.svg", &style)).unwrap();
    assert!(svg.contains("width=\"800\" height=\"450\" viewBox=\"0 0 1600 900\""), "{}", &svg[..200]);
    assert!(svg.contains("<title>Plan</title>") && svg.contains(">Plan</text>") && !svg.contains("#ffffff"));
}

#[test]
fn a_png_has_the_size_and_the_ground_of_its_style() {
    let style = |width, height, theme| PictureStyle { width, height, theme, title: None };
    assert_eq!(png(&PictureStyle::default()), (1600, 900, [255; 3]));
    assert_eq!(png(&style(Some(800), None, Theme::Light)), (800, 450, [255; 3]));
    assert_eq!(png(&style(None, Some(500), Theme::Dark)), (1600, 500, [23; 3]));
    assert_eq!(png(&style(Some(300), Some(1200), Theme::Light)), (300, 1200, [255; 3]));
    assert_eq!(png(&style(Some(2000), Some(300), Theme::Light)), (2000, 300, [255; 3]));
}

#[test]
fn every_picture_of_a_run_has_the_format_and_the_title() {
    let sandbox = Sandbox::with_daily();
    let typed =
        "--csv daily.csv -n 3 --model theta --explain --format svg --theme dark --title Plan --no-report --out a";
    assert!(sandbox.run(typed).status.success());
    let names = sandbox.names("a");
    assert!(names.iter().all(|name| Path::new(name).extension().is_none_or(|ending| ending != "png")), "{names:?}");
    for name in ["forecast.svg", "residuals.svg", "backtest.svg"] {
        assert!(sandbox.read(&format!("a/{name}")).contains("<title>Plan</title>"), "{name}");
    }
}

#[test]
fn options_of_pictures_are_refused_where_there_is_none() {
    let sandbox = Sandbox::with_daily();
    for (typed, expected) in [
        (
            "--csv daily.csv -n 3 --model theta --out - --theme dark",
            "--theme is for pictures, but this run writes none",
        ),
        (
            "--csv daily.csv -n 3 --model theta --out - --format svg",
            "--format is for pictures, but this run writes none",
        ),
        ("train --csv daily.csv -n 3 --model theta --width 900", "--width is for pictures, but this run writes none"),
        ("train --csv daily.csv -n 3 --model lstm --format xlsx", "--format xlsx has no effect here"),
        ("--csv daily.csv -n 3 --format png,svg", "--format names two formats of the same files"),
        ("--csv daily.csv -n 3 --width 20", "a whole number of pixels from 300 to 4000 is needed"),
    ] {
        let output = sandbox.forecast(typed).output().unwrap();
        let printed = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && printed.contains(expected), "{typed}: {printed}");
        assert!(printed.contains("hint: "), "{typed}: {printed}");
    }
}
