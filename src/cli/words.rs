//! Lists as people write them: with commas, blanks and lines between, and maybe one comma too many.

/// The words of lists.
pub(super) fn listed(texts: &[String]) -> Vec<String> {
    let words = texts.iter().flat_map(|text| text.split(|c: char| ",;".contains(c) || c.is_whitespace()));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
