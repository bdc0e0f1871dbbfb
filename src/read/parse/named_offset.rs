//! The letters of time zones.

/// The offset in seconds of a zone by its letters. Those of North America are as in RFC 2822. Letters with several meanings
/// elsewhere, such as IST, are not known.
pub(crate) fn named_offset(name: &[u8]) -> Option<i32> {
    #[rustfmt::skip]
    const HOURS: [(&str, i32); 25] = [
        ("Z", 0), ("UTC", 0), ("GMT", 0), ("UT", 0), ("EST", -5), ("EDT", -4), ("CST", -6), ("CDT", -5), ("MST", -7),
        ("MDT", -6), ("PST", -8), ("PDT", -7), ("AKST", -9), ("AKDT", -8), ("HST", -10), ("WET", 0), ("WEST", 1),
        ("CET", 1), ("CEST", 2), ("MEZ", 1), ("MESZ", 2), ("EET", 2), ("EEST", 3), ("JST", 9), ("KST", 9),
    ];
    let is_named = |(letters, _): &&(&str, i32)| name.eq_ignore_ascii_case(letters.as_bytes());
    HOURS.iter().find(is_named).map(|(_, hours)| hours * 3_600)
}
