//! Text in the encodings of single countries, found by its bytes or named.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GBK, ISO_8859_2, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253,
};
use forecast::read::{Dataset, Notice, ReadOptions, TextEncoding};

use crate::files::{date, lines, notices, options, read, read_default, values_by_key};
use crate::sandbox::Sandbox;

/// An encoding, the names of the columns of dates, shops and sales, and two shops.
type Export = (&'static Encoding, [&'static str; 3], [&'static str; 2]);

#[rustfmt::skip]
const EXPORTS: [Export; 14] = [
    (SHIFT_JIS, ["日付", "店舗", "売上"], ["東京", "大阪"]),
    (SHIFT_JIS, ["年月日", "観測地点", "平均気温(℃)"], ["札幌", "那覇"]),
    (EUC_JP, ["日付", "店舗名", "売上高"], ["横浜駅前", "名古屋"]),
    (GBK, ["日期", "门店", "销售额"], ["北京", "上海"]),
    (GBK, ["日期", "城市名称", "用电量"], ["广州市", "深圳市"]),
    (BIG5, ["日期", "分店名稱", "銷售數量"], ["臺北車站", "高雄左營"]),
    (EUC_KR, ["날짜", "매장", "매출"], ["서울", "부산"]),
    (EUC_KR, ["일시", "지점명", "평균기온"], ["대구광역시", "인천"]),
    (ISO_8859_2, ["dzień", "województwo", "ilość"], ["Śląskie", "Świętokrzyskie"]),
    (WINDOWS_1250, ["datum", "město", "tržby"], ["Plzeň", "Žižkov"]),
    (WINDOWS_1251, ["дата", "магазин", "продажи"], ["Москва", "Казань"]),
    (WINDOWS_1252, ["Datum", "Geschäft", "Umsätze"], ["Köln", "Düsseldorf"]),
    (WINDOWS_1252, ["jour", "région", "énergie"], ["Île-de-France", "Rhône"]),
    (WINDOWS_1253, ["ημερομηνία", "κατάστημα", "πωλήσεις"], ["Αθήνα", "Θεσσαλονίκη"]),
];

fn text((_, [time, shop, sales], shops): &Export) -> String {
    lines(&format!("{time};{shop};{sales}"), 80, |at| {
        format!("{};{};{}", date(at / 2), shops[at as usize % 2], 10 + at % 7)
    })
}

fn bytes(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, has_errors) = encoding.encode(text);
    assert!(!has_errors, "{} has no character of {text}", encoding.name());
    bytes.into_owned()
}

fn assert_read(dataset: &Dataset, (encoding, [time, shop, sales], shops): &Export) {
    let columns = dataset.panel.columns();
    assert_eq!((columns.time.as_deref(), columns.target.as_str()), (Some(*time), *sales), "{}", encoding.name());
    assert_eq!(columns.ids, [*shop], "{}", encoding.name());
    let mut sorted = *shops;
    sorted.sort_unstable();
    let keys: Vec<String> = values_by_key(dataset).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, sorted, "{}", encoding.name());
}

#[test]
fn the_encodings_of_exports_are_found_and_named() {
    for export in &EXPORTS {
        let dataset = read_default("a.csv", bytes(export.0, &text(export)));
        assert_read(&dataset, export);
        let note =
            format!("the file is not UTF-8 and is read as {} (`--encoding NAME` names another)", export.0.name());
        assert_eq!(notices(&dataset)[0], note);
    }
}

#[test]
fn utf_16_is_recognised_in_any_language() {
    for export in &EXPORTS {
        for (mark, name, order) in [
            ("\u{feff}", "UTF-16LE", u16::to_le_bytes as fn(u16) -> [u8; 2]),
            ("", "UTF-16LE", u16::to_le_bytes),
            ("\u{feff}", "UTF-16BE", u16::to_be_bytes),
            ("", "UTF-16BE", u16::to_be_bytes),
        ] {
            let wide: Vec<u8> = format!("{mark}{}", text(export)).encode_utf16().flat_map(order).collect();
            let dataset = read_default("a.csv", wide);
            assert_read(&dataset, export);
            assert_eq!(dataset.notices[0].to_string(), format!("the file is in {name}"));
        }
        let dataset = read_default("a.csv", text(export));
        assert_read(&dataset, export);
        assert!(dataset.notices.is_empty(), "UTF-8 needs no notice: {:?}", dataset.notices);
    }
}

#[test]
fn a_requested_encoding_is_used() {
    for export in &EXPORTS {
        let encoding: TextEncoding = export.0.name().to_lowercase().parse().unwrap();
        let requested = ReadOptions { encoding: Some(encoding), ..options() };
        let dataset = read("a.csv", bytes(export.0, &text(export)), &requested).unwrap();
        assert_read(&dataset, export);
        assert_eq!(dataset.notices, [Notice::Encoding { encoding: export.0.name() }]);
    }
    // A wrong one is noticed by the bytes that it does not have.
    let wrong = ReadOptions { encoding: Some("utf-8".parse().unwrap()), ..options() };
    let dataset = read("a.csv", bytes(WINDOWS_1252, &text(&EXPORTS[11])), &wrong).unwrap();
    assert!(matches!(dataset.notices[0], Notice::InvalidBytes { encoding: "UTF-8", bytes } if bytes > 40));
}

#[test]
fn encodings_have_many_names() {
    for (name, standard) in [
        ("latin1", "windows-1252"),
        ("cp1252", "windows-1252"),
        ("CP-1250", "windows-1250"),
        ("latin2", "ISO-8859-2"),
        ("iso-8859-2", "ISO-8859-2"),
        ("shift-jis", "Shift_JIS"),
        ("SJIS", "Shift_JIS"),
        ("cp932", "Shift_JIS"),
        ("windows-932", "Shift_JIS"),
        ("gb2312", "GBK"),
        ("cp936", "GBK"),
        ("gb18030", "gb18030"),
        ("euc-kr", "EUC-KR"),
        ("cp949", "EUC-KR"),
        ("utf-8", "UTF-8"),
        ("UTF8", "UTF-8"),
        ("utf-16", "UTF-16LE"),
        ("big5", "Big5"),
    ] {
        assert_eq!(name.parse::<TextEncoding>().unwrap().name(), standard, "{name}");
    }
    let error = "latin99".parse::<TextEncoding>().unwrap_err().to_string();
    assert!(error.starts_with("unknown encoding \"latin99\", expected one of: UTF-8, "), "{error}");
}

#[test]
fn the_hint_of_an_assumed_encoding_settles_it() {
    // One letter alone does not tell the country.
    let export = &EXPORTS[8];
    let text = lines("dzień;ilość", 30, |day| format!("{};{}", date(day), 10 + day % 7));
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("a.csv"), bytes(export.0, &text)).unwrap();
    let settled = sandbox.run("inspect --csv a.csv --encoding latin2");
    assert!(crate::sandbox::stdout(&settled).contains("target ilość"));
    let refused = sandbox.forecast("inspect --csv a.csv --encoding polish").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}
