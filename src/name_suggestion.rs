//! The name that was probably meant by one that does not exist.

/// The name nearest to `wanted` by Levenshtein distance, ignoring case; `None` if all differ in more than a third of the
/// letters of `wanted`. Of equally near names the first wins.
pub(crate) fn closest_name<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let letters = wanted.chars().count();
    let max_distance = if letters < 4 { 1 } else { (letters / 3).max(2) };
    names
        .map(|name| (strsim::levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= max_distance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_the_intended_one() {
        let names = ["date", "demand", "temperature"];
        assert_eq!(closest_name("demnad", names.into_iter()), Some("demand"));
        assert_eq!(closest_name("Dat", names.into_iter()), Some("date"));
        assert_eq!(closest_name("sales", names.into_iter()), None);
    }
}
