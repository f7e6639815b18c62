//! What somebody meant who wrote a name that there is not.

use std::cmp::Reverse;
use strsim::osa_distance;

/// The name among `known` that is nearest to `word`, unless it is far from each.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    let near = known.into_iter().map(|name| (osa_distance(&word.to_lowercase(), &name.to_lowercase()), name));
    let alike = |name: &str| word.chars().zip(name.chars()).take_while(|(one, other)| one == other).count();
    let near = near.filter(|(distance, _)| *distance <= most);
    near.min_by_key(|(distance, name)| (*distance, Reverse(alike(name)))).map(|(_, name)| name)
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
