//! The tags of a released version: who has released it, when, why, and at whose request; and what they say later on.

use super::audit::has_day;
use crate::outcome::row::{Decision, Requested};
use crate::vault::requests;
use classifier::messages::Status;
use classifier::objects::{MOST_TAGS, REASON, RELEASED, STATUS, Tag};

/// Between who has confirmed and who has asked.
const FOR: &str = " for ";

/// When and by whom, and at whose request, as a tag takes it: of ARNs that are too long the ends, which tell one from
/// another.
pub(super) fn tag_of(Decision { at, by, requested, .. }: &Decision) -> String {
    let room = requests::LONGEST - at.len() - 1;
    let Some(Requested { requested_by, .. }) = requested else { return format!("{at} {}", end(by, room)) };
    let room = room - FOR.len();
    let half = (room / 2).max(room.saturating_sub(requested_by.chars().count()));
    let by = end(by, half);
    let rest = room - by.chars().count();
    format!("{at} {by}{FOR}{}", end(requested_by, rest))
}

/// The last characters of a text, as many as there is room for.
fn end(text: &str, room: usize) -> String {
    text.chars().skip(text.chars().count().saturating_sub(room)).collect()
}

/// The decision as the tags of a released version have it. Where its own have left no room for ours, it is the one that is
/// known, unless they say that a verdict has stored it.
pub(super) fn said_by(tags: &[Tag], decision: &Decision) -> Option<Decision> {
    let tag = |name: &str| tags.iter().find(|tag| tag.key == name).map(|tag| tag.value.as_str());
    let Some(released) = tag(RELEASED) else {
        let has_no_room = tags.len() >= MOST_TAGS && tag(STATUS) != Some(&Status::VaultCopy.to_string());
        return has_no_room.then(|| decision.clone());
    };
    let (at, by) = released.split_once(' ').filter(|(at, _)| has_day(at))?;
    let (by, requested_by) = by.split_once(FOR).map_or((by, None), |(by, requested_by)| (by, Some(requested_by)));
    // Of an ARN that is too long the tag has the end; and of what was asked for it has no more than who did.
    let by = if decision.by.ends_with(by) { &decision.by } else { by };
    let requested =
        decision.requested.clone().filter(|it| requested_by.is_some_and(|by| it.requested_by.ends_with(by)));
    let reason = tag(REASON).unwrap_or(&decision.reason);
    Some(Decision { at: at.into(), by: by.into(), reason: reason.into(), requested, ..decision.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::row::{Place, Settled, Settling};

    fn decision(by: &str, requested_by: Option<&str>) -> Decision {
        let requested = requested_by.map(|by| Requested {
            requested_by: by.into(),
            requested_at: "2026-11-27T12:00:00Z".into(),
            request_reason: "r".into(),
        });
        Decision {
            action: Settling::Release,
            state: Settled::Done,
            key: "k".into(),
            place: Place::default(),
            status: None,
            size: 0,
            vault_version: None,
            by: by.into(),
            at: "2026-11-28T12:00:00Z".into(),
            reason: "r".into(),
            requested,
        }
    }

    #[test]
    fn a_tag_has_the_end_of_a_long_arn() {
        let at = "2026-11-28T12:00:00Z";
        let ana = "arn:aws:iam::1:user/ana";
        assert_eq!(tag_of(&decision(ana, None)), format!("{at} {ana}"));
        let long = format!("arn:aws:iam::1:user/{}/bob", "p".repeat(512));
        let cut = tag_of(&decision(&long, None));
        assert!(cut.chars().count() == 256 && cut.ends_with("/bob"), "{cut}");
        assert_eq!(
            tag_of(&decision("arn:aws:iam::1:user/bob", Some(ana))),
            format!("{at} arn:aws:iam::1:user/bob for {ana}")
        );
        let one = tag_of(&decision(&long, Some(ana)));
        assert!(one.chars().count() == 256 && one.ends_with(&format!("/bob for {ana}")), "{one}");
        let two = tag_of(&decision(&long, Some(&long)));
        assert!(two.chars().count() == 256 && two.contains("/bob for p") && two.ends_with("/bob"), "{two}");
    }

    #[test]
    fn a_released_version_says_who_has_released_it() {
        let tags = |released: &str| {
            let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
            [tag(RELEASED, released), tag(REASON, "test data")]
        };
        let me = "arn:aws:iam::1:user/me";
        let decision = decision(me, None);
        let said = said_by(&tags("2026-11-28T12:00:00Z arn:aws:iam::1:user/ana"), &decision).unwrap();
        assert_eq!(
            (&*said.at, &*said.by, &*said.reason),
            ("2026-11-28T12:00:00Z", "arn:aws:iam::1:user/ana", "test data")
        );
        for written in [&decision, &self::decision(me, Some("arn:aws:iam::1:user/ana"))] {
            let read = said_by(&tags(&tag_of(written)), written).unwrap();
            assert_eq!((read.at, read.by, read.requested), (written.at.clone(), me.into(), written.requested.clone()));
        }
        let two = said_by(&tags("2026-11-28T12:00:00Z arn:aws:iam::1:user/bob for arn:x"), &decision).unwrap();
        assert_eq!(two.by, "arn:aws:iam::1:user/bob");
        let full = |status: &str| {
            let own = (0..9).map(|number| Tag { key: number.to_string(), value: String::new() });
            own.chain([Tag { key: STATUS.into(), value: status.into() }]).collect::<Vec<_>>()
        };
        assert_eq!(said_by(&full("HAS_FINDINGS"), &decision).as_ref(), Some(&decision), "no room for more");
        assert_eq!((said_by(&full("VAULT_COPY"), &decision), said_by(&[], &decision)), (None, None));
        for forged in ["", "x", "today ana", "2026-11é28 ana", "2026:11:28x y"] {
            assert_eq!(said_by(&tags(forged), &decision), None, "{forged}");
        }
    }
}
