//! What somebody meant who wrote a name that there is not.

use std::cmp::Reverse;

/// The name among `known` that is nearest to `word`, unless it is far from each.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    let near = known.into_iter().map(|name| (distance(&word.to_lowercase(), &name.to_lowercase()), name));
    let alike = |name: &str| word.chars().zip(name.chars()).take_while(|(one, other)| one == other).count();
    let near = near.filter(|(distance, _)| *distance <= most);
    near.min_by_key(|(distance, name)| (*distance, Reverse(alike(name)))).map(|(_, name)| name)
}

/// How many letters have to be added, taken away, replaced or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let [one, other] = [one, other].map(|text| text.chars().collect::<Vec<_>>());
    let mut rows = vec![(0..=other.len()).collect::<Vec<_>>()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut least = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found_and_nothing_else() {
        let known = ["region", "stack", "emails", "eu-west-1", "eu-west-2"];
        for (word, meant) in [
            ("regoin", Some("region")),
            ("email", Some("emails")),
            ("STAK", Some("stack")),
            ("eu-west1", Some("eu-west-1")),
            ("eu-west-1", Some("eu-west-1")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
        assert_eq!(nearest("a", []), None);
    }
}
