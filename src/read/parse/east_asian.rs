//! Cells as they are written in East Asia: full-width characters, years of eras, and dates such as `令和5年1月`.

use std::borrow::Cow;

/// The eras of Japan and that of Taiwan, each with the year before its first.
const ERAS: [(&str, i32); 8] = [
    ("令和", 2018),
    ("平成", 1988),
    ("昭和", 1925),
    ("大正", 1911),
    ("明治", 1867),
    ("中華民國", 1911),
    ("民國", 1911),
    ("民国", 1911),
];
/// The initials of the eras of Japan, each with the year before its first.
const INITIALS: [(&str, i32); 5] = [("R", 2018), ("H", 1988), ("S", 1925), ("T", 1911), ("M", 1867)];
/// The years of Taiwan that are written without an era, as in `113年1月`. No other calendar writes three digits.
const YEARS_OF_TAIWAN: std::ops::Range<i32> = 100..200;

/// The year before the first of an era, and the rest of a text that starts with its name.
pub(crate) fn split_era(text: &str) -> Option<(i32, &str)> {
    ERAS.iter().find_map(|(name, before)| Some((*before, text.strip_prefix(name)?)))
}

/// The year before the first of an era by its name or its initial alone.
pub(crate) fn era_of(cell: &str) -> Option<i32> {
    let all = ERAS.iter().chain(&INITIALS);
    all.clone().find(|(name, _)| *name == cell).map(|(_, before)| *before)
}

/// The number of a year of an era, which is `元` for the first.
pub(crate) fn year_of_era(text: &str) -> Option<i32> {
    let text = text.trim();
    if text == "元" { Some(1) } else { text.parse().ok().filter(|year| (1..200).contains(year)) }
}

/// The year of the common era for one of Taiwan with three digits.
pub(crate) fn year_of_taiwan(text: &str) -> Option<i32> {
    text.trim().parse().ok().filter(|year| YEARS_OF_TAIWAN.contains(year)).map(|year: i32| year + 1911)
}

/// A text with narrow characters in place of full-width ones, and European digits in place of Arabic ones: `１２．５` and
/// `١٢٫٥` become `12.5`.
pub(crate) fn narrow(text: &str) -> Cow<'_, str> {
    const WIDE: std::ops::RangeInclusive<char> = '！'..='～';
    if text.is_ascii() || !text.contains(|c: char| WIDE.contains(&c) || c == '\u{3000}' || digit_of_arabic(c).is_some())
    {
        return Cow::Borrowed(text);
    }
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '٫' => '.',
        '٬' => ',',
        _ if WIDE.contains(&c) => char::from_u32(c as u32 - '！' as u32 + '!' as u32).unwrap_or(c),
        _ => digit_of_arabic(c).unwrap_or(c),
    };
    Cow::Owned(text.chars().map(narrow).collect())
}

/// The digit for one of the Arabic script, in the forms of Arabic and of Persian.
fn digit_of_arabic(c: char) -> Option<char> {
    let number = match c {
        '٠'..='٩' => c as u32 - '٠' as u32,
        '۰'..='۹' => c as u32 - '۰' as u32,
        _ => return None,
    };
    char::from_digit(number, 10)
}

/// A date without the day of the week in brackets after it, as in `1月12日(金) 10:00`.
pub(crate) fn without_weekday(cell: &str) -> Cow<'_, str> {
    if cell.is_ascii() {
        return Cow::Borrowed(cell);
    }
    let Some((before, (day, after))) =
        cell.split_once('(').and_then(|(before, rest)| Some((before, rest.split_once(')')?)))
    else {
        return Cow::Borrowed(cell);
    };
    let name = ["曜日", "曜", "요일"].into_iter().find_map(|word| day.strip_suffix(word)).unwrap_or(day);
    let is_name =
        matches!(name, "月" | "火" | "水" | "木" | "金" | "土" | "日" | "월" | "화" | "수" | "목" | "금" | "토" | "일");
    let number = ["星期", "周", "週"].into_iter().find_map(|word| day.strip_prefix(word));
    let is_number = number.is_some_and(|day| matches!(day, "一" | "二" | "三" | "四" | "五" | "六" | "日" | "天"));
    if is_name || is_number { Cow::Owned(format!("{before}{after}")) } else { Cow::Borrowed(cell) }
}

/// Whether a narrow cell is a date with the marks of East Asia or the year of an era, if it is a date.
pub(crate) fn is_date(cell: &str) -> bool {
    if cell.is_ascii() {
        has_initial_of_era(cell)
    } else {
        cell.contains(['年', '년']) || split_era(cell.trim()).is_some()
    }
}

/// Whether a cell is a day of an era by its initial, such as `R5.1.31`. A code such as `H30` is none.
pub(crate) fn has_initial_of_era(cell: &str) -> bool {
    let Some(rest) = cell.trim().strip_prefix(['R', 'H', 'S']) else { return false };
    let mut parts = rest.split(['.', '/']);
    let is_number = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.clone().count() == 3 && parts.all(is_number)
}

/// A date of an era, such as `令和5年1月`, `H30年4月` or `平成2`, with the year of the common era and `年` after it. Other dates
/// are returned as they are.
pub(crate) fn with_common_year(date: &str) -> Option<String> {
    if let Some((before, rest)) = split_era(date) {
        let end = rest.find(['年', '.', '/', '-']).unwrap_or(rest.len());
        let year = before + year_of_era(&rest[..end])?;
        let after = rest[end..].strip_prefix('年').unwrap_or(&rest[end..]);
        return Some(format!("{year}年{}", after.trim_start_matches(['.', '/', '-']).replace(['.', '/'], "-")));
    }
    let is_year = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_digit() || c == '元');
    let initial = INITIALS.iter().find_map(|(name, before)| Some((date.strip_prefix(name).filter(is_year)?, before)));
    if let Some((rest, before)) = initial {
        let (year, after) = rest.split_once(['年', '.', '/'])?;
        return Some(format!("{}年{}", before + year_of_era(year)?, after.replace(['.', '/'], "-")));
    }
    let date = date.strip_prefix("西暦").unwrap_or(date);
    let of_taiwan = date.split_once('年').and_then(|(year, after)| Some(format!("{}年{after}", year_of_taiwan(year)?)));
    Some(of_taiwan.unwrap_or_else(|| date.to_owned()))
}

/// A part of a year with its word: `第1四半期` and `1～3月` are a first quarter, `上半期` is a first half.
fn period_of_year(part: &str) -> Option<String> {
    let part = part.trim();
    let half = match part {
        "上半期" | "上半年" | "前半" => Some(1),
        "下半期" | "下半年" | "後半" => Some(2),
        _ => None,
    };
    if let Some(half) = half {
        return Some(format!("H{half}"));
    }
    quarter(part).map(|quarter| format!("Q{quarter}"))
}

/// The number of a quarter: `第1四半期`, `第一季度`, `1분기`, `1～3月期`.
pub(crate) fn quarter(cell: &str) -> Option<i64> {
    let cell = cell.trim();
    let numbered = ["四半期", "季度", "季", "분기"].into_iter().find_map(|word| cell.strip_suffix(word));
    if let Some(number) = numbered {
        let number = number.trim().strip_prefix('第').unwrap_or(number).trim();
        let in_words = ["一", "二", "三", "四"].into_iter().position(|word| word == number).map(|at| at as i64 + 1);
        return in_words.or_else(|| number.parse().ok()).filter(|quarter| (1..=4).contains(quarter));
    }
    let months = cell.strip_suffix("月期").or_else(|| cell.strip_suffix('月'))?;
    let (from, to) = months.split_once(['-', '~', '〜', '−', '–'])?;
    let month = |text: &str| text.trim().trim_end_matches('月').parse::<u8>().ok().map(i64::from);
    let (from, to) = (month(from)?, month(to)?);
    (to == from + 2 && [1, 4, 7, 10].contains(&from)).then_some((from + 2) / 3)
}

/// A narrow date such as `2023年1月5日` or `2023년 1월` with the marks of ISO 8601. `None` if it has other characters.
pub(crate) fn iso_of(cell: &str) -> Option<String> {
    const MAX_LENGTH: usize = 100;
    if cell.len() > MAX_LENGTH {
        return None;
    }
    let mut iso = String::with_capacity(cell.len());
    // A remark in brackets may follow. Between other parts, it must be the same year of an era.
    let (before, rest) = cell.split_once('(').unwrap_or((cell, ""));
    let (remark, after) = rest.split_once(')').unwrap_or((rest, ""));
    if !after.trim().is_empty() {
        let joined = format!("{before}{after}");
        return iso_of(&joined).filter(|_| is_date(remark) && iso_of(remark) == iso_of(before));
    }
    let date = before.trim();
    // The last year of an era is also the first of the next one.
    if let Some((one, other)) = date.split_once(['・', '/']).filter(|(_, other)| is_date(other)) {
        return iso_of(one).filter(|one| iso_of(other).as_ref() == Some(one));
    }
    let date = with_common_year(date)?;
    if let Some((year, part)) = date.split_once(['年', '년'])
        && let Some(period) = period_of_year(part)
    {
        return Some(format!("{year}-{period}"));
    }
    for c in date.chars() {
        match c {
            '年' | '년' | '月' | '월' => iso.push('-'),
            '日' | '일' => iso.push(' '),
            '時' | '时' | '시' | '分' | '분' => iso.push(':'),
            // `2023年3月期` is the fiscal year that ends in March.
            '度' | '秒' | '초' | '期' => {}
            // As in `1-3月`, which are several months.
            '-' if date.contains(['月', '월']) => return None,
            // A space may follow a mark.
            ' ' if iso.ends_with(['-', ' ', ':']) => {}
            c if c.is_ascii() => iso.push(c),
            _ => return None,
        }
    }
    let length = iso.trim_end_matches(['-', ':', ' ']).len();
    // An hour alone is complete.
    iso.truncate(length);
    Some(iso)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_east_asia_get_the_marks_of_iso_8601() {
        for (cell, iso) in [
            ("2023年1月5日", Some("2023-1-5")),
            ("令和元年5月", Some("2019-5")),
            ("H30年4月", Some("2018-4")),
            ("R5.1.31", Some("2023-1-31")),
            ("平成2", Some("1990")),
            ("令和2.4.1", Some("2020-4-1")),
            ("令和2年第1四半期", Some("2020-Q1")),
            ("2020年10～12月期", Some("2020-Q4")),
            ("2024年第二季度", Some("2024-Q2")),
            ("2024年上半年", Some("2024-H1")),
            ("平成31年・令和元年", Some("2019")),
            ("113年1月5日", Some("2024-1-5")),
            ("西暦1990年", Some("1990")),
            ("2020年1-5月", None),
            ("平成30年・令和元年", None),
        ] {
            let narrow = narrow(cell);
            assert_eq!(Some(narrow.as_ref()).filter(|cell| is_date(cell)).and_then(iso_of).as_deref(), iso, "{cell}");
        }
        assert!(["H30", "R2", "S5", "H1.2", "2023-01-05"].iter().all(|code| !is_date(code)));
    }
}
