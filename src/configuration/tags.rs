//! The tags that the user declares: what AWS takes on every kind of resource.

use super::mistake::Mistake;
use crate::vault::tags::MOST_DECLARED;
use std::collections::BTreeMap;

/// What takes no tags from the user: AWS's own, and ours.
const RESERVED: [(&str, &str); 2] = [
    ("aws:", "AWS keeps keys that begin with aws: for itself"),
    ("cvault:", "keys that begin with cvault: are cvault's own"),
];

/// The tags of a command line, or of the variable: `KEY=VALUE`, with commas between several.
pub(super) fn given(texts: &[String]) -> Result<Vec<(String, String)>, Box<Mistake>> {
    let parts =
        texts.iter().flat_map(|text| text.split([',', ';', '\n'])).map(str::trim).filter(|part| !part.is_empty());
    let tag = |part: &str| {
        let (key, value) = part.split_once('=').ok_or_else(|| {
            let fix = "KEY=VALUE, such as CostCenter=4711";
            Box::new(Mistake::new(format!("use the tag {part:?}"), "it has no value", fix))
        })?;
        Ok((key.trim().to_owned(), value.trim().to_owned()))
    };
    parts.map(tag).collect()
}

/// What is wrong with the tags.
pub(super) fn mistakes(tags: &BTreeMap<String, String>) -> Vec<Mistake> {
    let mut mistakes: Vec<_> = tags.iter().filter_map(|(key, value)| mistake(key, value)).collect();
    let folded: Vec<_> = tags.keys().map(|key| (key, key.to_lowercase())).collect();
    for (at, (key, lower)) in folded.iter().enumerate() {
        if let Some((other, _)) = folded[..at].iter().find(|(_, earlier)| earlier == lower) {
            let why = format!("IAM takes it for {other:?}: it does not tell small letters from capital ones");
            mistakes.push(of(key, "take one of the two away", &why));
        }
    }
    if tags.len() > MOST_DECLARED {
        let why = format!("AWS takes 50 tags on a resource, of which {} are cvault's", 50 - MOST_DECLARED);
        mistakes.push(Mistake {
            key: Some("tags".into()),
            ..Mistake::new(format!("use {} tags", tags.len()), why, format!("{MOST_DECLARED} at most"))
        });
    }
    mistakes
}

fn of(key: &str, fix: &str, why: &str) -> Mistake {
    Mistake { key: Some(format!("tags.{key}")), ..Mistake::new(format!("use the tag {key:?}"), why, fix) }
}

fn mistake(key: &str, value: &str) -> Option<Mistake> {
    let is_taken = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c));
    let lower = key.to_lowercase();
    if let Some((_, why)) = RESERVED.iter().find(|(begin, _)| lower.starts_with(begin)) {
        return Some(of(key, "another key", why));
    }
    if !(1..=128).contains(&key.chars().count()) || !is_taken(key) || key.trim() != key {
        let fix = "1 to 128 letters, digits, blanks within and _ . : / = + - @";
        return Some(of(key, fix, "AWS takes no such key"));
    }
    if value.chars().count() > 256 || !is_taken(value) || value.trim() != value {
        let fix = "up to 256 letters, digits, blanks within and _ . : / = + - @";
        return Some(of(key, fix, &format!("AWS takes no such value: {value:?}")));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: &[(&str, &str)]) -> Vec<String> {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        mistakes(&tags).into_iter().map(|mistake| format!("{}: {}", mistake.what, mistake.why)).collect()
    }

    #[test]
    fn a_list_is_read_as_people_write_it() {
        let read = |texts: &[&str]| {
            given(&texts.iter().map(ToString::to_string).collect::<Vec<_>>()).map_err(|mistake| mistake.what)
        };
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let expected = vec![tag("Owner", "the ops"), tag("a", "b=c"), tag("Empty", "")];
        assert_eq!(read(&["Owner=the ops, a=b=c,\n", "Empty="]), Ok(expected));
        assert_eq!(read(&["Owner"]), Err("use the tag \"Owner\"".into()));
    }

    #[test]
    fn what_aws_takes_is_taken() {
        assert!(
            of(&[("CostCenter", "4711"), ("team/part", "a b_c.d:e/f=g+h-i@j"), ("Größe", "中"), ("Empty", "")])
                .is_empty()
        );
        assert!(of(&[(&"k".repeat(128), &"v".repeat(256))]).is_empty());
    }

    #[test]
    fn what_aws_does_not_take_is_said() {
        let long = ["k".repeat(129), "v".repeat(257)];
        for (key, value) in [
            ("", "x"),
            (" a", "x"),
            ("a;b", "x"),
            ("a*", "x"),
            ("a", "b,c"),
            ("a", "b "),
            ("a", "<b>"),
            (&long[0], ""),
            ("a", &long[1]),
        ] {
            assert_eq!(of(&[(key, value)]).len(), 1, "{key:?}={value:?}");
        }
        for key in ["aws:x", "AWS:x", "Aws:"] {
            assert!(of(&[(key, "x")])[0].contains("for itself"), "{key}");
        }
        assert!(of(&[("cvault:stack", "x")])[0].contains("cvault's own"));
        assert!(of(&[("Owner", "x"), ("owner", "y")])[0].contains("small letters"));
        let keys: Vec<_> = (0..=MOST_DECLARED).map(|n| n.to_string()).collect();
        let many: Vec<_> = keys.iter().map(|key| (key.as_str(), "")).collect();
        assert_eq!(of(&many[1..]), Vec::<String>::new());
        assert!(of(&many)[0].contains("50 tags"));
    }
}
