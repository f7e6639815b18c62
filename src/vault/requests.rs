//! Requests: what one identity wants done with a held version, until another one confirms it. They are in the tags
//! of exactly that version, since conditions of policies can be about these (`definitions/policies/*-approvals.json`).
//!
//! | tag | what |
//! |---|---|
//! | `cvault:requested-by` | who, as `aws:PrincipalArn` has it: of a session the role, so that two sessions of one role are one |
//! | `cvault:request` | `release` or `discard`, when, and why |

use crate::outcome::row::{Request, Settling};
use classifier::objects::{MOST_TAGS, Tag};

/// The tag that says who has made it.
pub const BY: &str = "cvault:requested-by";
/// The tag that says what is wanted, when it was, and why.
pub const REQUEST: &str = "cvault:request";
/// The longest value that S3 takes, in characters.
pub const LONGEST: usize = 256;
/// `release 2026-11-28T12:00:00Z ` before the reason.
const BEFORE_REASON: usize = 29;
/// The longest reason that a request has room for.
pub const LONGEST_REASON: usize = LONGEST - BEFORE_REASON;

/// Whether S3 takes it as a tag's value: letters, digits, blanks and a few signs.
#[must_use]
pub fn fits(value: &str) -> bool {
    let may_be = |c: char| c.is_alphanumeric() || c == ' ' || "+-=._:/@".contains(c);
    value.chars().count() <= LONGEST && value.chars().all(may_be)
}

/// The request that a version's tags tell of. One of no known form is to release: the policies let nobody read
/// what such a one asks for.
#[must_use]
pub fn of(tags: &[Tag]) -> Option<Request> {
    let tag = |name: &str| tags.iter().find(|tag| tag.key == name).map(|tag| tag.value.as_str());
    let by = tag(BY)?.to_owned();
    let text = tag(REQUEST).unwrap_or_default();
    let known = [Settling::Release, Settling::Discard].into_iter().find_map(|action| {
        let (at, reason) = text.strip_prefix(action.word())?.strip_prefix(' ')?.split_once(' ')?;
        if !is_moment(at) {
            return None;
        }
        Some(Request { action, by: by.clone(), at: at.into(), reason: reason.into() })
    });
    known.or_else(|| Some(Request { action: Settling::Release, by, at: String::new(), reason: text.into() }))
}

/// A version's tags with a request, instead of any that is there; `None` where they leave no room for it.
#[must_use]
pub fn with(tags: &[Tag], request: &Request) -> Option<Vec<Tag>> {
    let Request { action, by, at, reason } = request;
    let text = format!("{} {at} {reason}", action.word());
    let mut all = without(tags);
    all.extend([(BY, by.clone()), (REQUEST, text)].map(|(key, value)| Tag { key: key.into(), value }));
    (all.len() <= MOST_TAGS && all.iter().all(|tag| !is_ours(tag) || fits(&tag.value))).then_some(all)
}

/// A version's tags without a request.
#[must_use]
pub fn without(tags: &[Tag]) -> Vec<Tag> {
    tags.iter().filter(|tag| !is_ours(tag)).cloned().collect()
}

/// As far as it has the form of `2026-11-28T12:00:00Z`.
fn is_moment(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit() || b"-T:Z".contains(&byte))
}

fn is_ours(tag: &Tag) -> bool {
    [BY, REQUEST].contains(&tag.key.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(of: &[(&str, &str)]) -> Vec<Tag> {
        of.iter().map(|(key, value)| Tag { key: (*key).into(), value: (*value).into() }).collect()
    }

    fn request(action: Settling) -> Request {
        let (at, reason) = ("2026-11-28T12:00:00Z".into(), "ticket OPS-12: test data".into());
        Request { action, by: "arn:aws:iam::123456789012:role/analyst".into(), at, reason }
    }

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let held = tags(&[("team", "sea"), ("cvault:status", "HAS_FINDINGS"), ("cvault:execution", "arn:e")]);
        assert_eq!(of(&held), None);
        for action in [Settling::Release, Settling::Discard] {
            let asked = with(&held, &request(action)).unwrap();
            assert_eq!((&asked[..3], asked.len()), (&held[..], 5));
            assert_eq!(of(&asked), Some(request(action)));
            assert_eq!(with(&asked, &request(Settling::Release)).unwrap().len(), 5, "one is instead of another");
            assert_eq!(without(&asked), held);
        }
    }

    #[test]
    fn a_version_of_eight_tags_has_room_and_no_other() {
        let many: Vec<_> = (0..9).map(|n| Tag { key: n.to_string(), value: String::new() }).collect();
        assert_eq!(with(&many[..8], &request(Settling::Release)).unwrap().len(), MOST_TAGS);
        assert_eq!(with(&many, &request(Settling::Release)), None);
    }

    #[test]
    fn the_longest_reason_fits() {
        for action in [Settling::Release, Settling::Discard] {
            let longest = Request { reason: "r".repeat(LONGEST_REASON), ..request(action) };
            assert!(with(&[], &longest).is_some());
            let longer = Request { reason: "r".repeat(LONGEST_REASON + 1), ..request(action) };
            assert!(with(&[], &longer).is_none());
        }
    }

    /// Whoever writes it by hand gets nothing by it that they would not get by the words.
    #[test]
    fn what_has_no_known_form_asks_for_a_release() {
        let odd = of(&tags(&[(BY, "arn"), (REQUEST, "discarding")])).unwrap();
        assert_eq!((odd.action, odd.reason.as_str()), (Settling::Release, "discarding"));
        assert_eq!(of(&tags(&[(BY, "arn")])).unwrap().action, Settling::Release);
        let never = of(&tags(&[(BY, "arn"), (REQUEST, "discard soon, or so")])).unwrap();
        assert_eq!((never.action, never.at.as_str()), (Settling::Release, ""));
        assert_eq!(of(&tags(&[(REQUEST, "release 2026 r")])), None, "nobody asks");
    }
}
