//! Which of the held versions are meant.

use crate::outcome::row::{Decision, Held};
use classifier::copies;
use std::time::Duration;

/// What a listed version turned out to be.
pub(in crate::commands) enum Found {
    /// It is held, and meant.
    Held(Box<Held>),
    /// Nobody has come to a verdict yet.
    Unjudged,
}

/// Which of the held versions are meant; what is not said excludes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Exactly this key.
    pub key: Option<String>,
    /// Exactly this version, as it was uploaded or as it is held.
    pub version: Option<String>,
    /// Verdicts, such as `HAS_FINDINGS`.
    pub statuses: Vec<String>,
    /// A part of one of the reasons, in any case of letters.
    pub reason: Option<String>,
    /// How the key begins.
    pub prefix: Option<String>,
    /// For how long it must have been held.
    pub older_than: Option<Duration>,
    /// Whether reasons are read.
    pub with_reasons: bool,
}

impl Selection {
    /// Whether anything is excluded.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        let Self { key, version, statuses, reason, prefix, older_than, with_reasons: _ } = self;
        let texts = [key, version, reason, prefix].iter().any(|text| text.is_some());
        texts || !statuses.is_empty() || older_than.is_some()
    }

    /// Whether a version is meant, as far as its list says: `held_for` is for how long it has been there.
    pub(super) fn may_mean(&self, key: &str, held_for: Duration) -> bool {
        let is_key = self.key.as_ref().is_none_or(|wanted| may_be(key, wanted));
        let begins = self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str()));
        is_key && begins && self.older_than.is_none_or(|age| held_for >= age)
    }

    /// Whether a version may be meant, as far as its tags say: not whether nobody has come to a verdict yet.
    pub(super) fn may_mean_status(&self, held: &Held) -> bool {
        let status = held.status.as_deref().unwrap_or_default();
        self.statuses.is_empty() || self.statuses.iter().any(|wanted| wanted == status)
    }

    /// Whether what was found is meant, once all is known of it.
    pub(super) fn means_found(&self, found: &Found, ingress: &str) -> bool {
        match found {
            Found::Held(held) => self.means(held, ingress),
            Found::Unjudged => true,
        }
    }

    /// Whether a version is meant, once all is known of it. As what it was uploaded its place says, whoever has forgotten it.
    pub(super) fn means(&self, held: &Held, ingress: &str) -> bool {
        let is_key = self.key.as_ref().is_none_or(|key| may_be(&held.key, key));
        let key = self.key.as_ref().unwrap_or(&held.key);
        let is_version = self.version.as_ref().is_none_or(|version| {
            held.place.version == *version
                || held.version.as_ref().is_some_and(|known| known == version)
                || is_copy_of(&held.place.key, ingress, (key, version))
        });
        let says = |text: &str| {
            let text = text.to_lowercase();
            held.reasons.iter().flatten().any(|reason| reason.to_lowercase().contains(&text))
        };
        is_key && is_version && self.may_mean_status(held) && self.reason.as_deref().is_none_or(says)
    }

    /// Whether a version is meant of which a decision is known, and no more: what its reasons were, and for how long it was
    /// held, does not count any more.
    pub(super) fn meant_before(&self, decision: &Decision, ingress: &str) -> bool {
        let Decision { key, place, status, .. } = decision;
        let is_of = |version: &String| place.version == *version || is_copy_of(&place.key, ingress, (key, version));
        let is_version = self.version.as_ref().is_none_or(is_of);
        let is_status =
            self.statuses.is_empty() || status.as_ref().is_some_and(|status| self.statuses.contains(status));
        let begins = self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str()));
        is_version && is_status && begins
    }

    /// Whether it has to be known what a version's verdict says beside its tags.
    pub(super) fn wants_verdicts(&self) -> bool {
        self.with_reasons || self.reason.is_some() || self.version.is_some()
    }
}

/// Whether a key of analytics is that of the copy of a version in ingress.
fn is_copy_of(copy: &str, ingress: &str, (key, version): (&str, &str)) -> bool {
    copy == copies::analytics_key(&copies::copy_id(ingress, key, version), key)
}

/// Whether a key of analytics, without its folder, stands for this one: the longest lose a part in their middle.
fn may_be(listed: &str, wanted: &str) -> bool {
    listed == wanted || copies::shortened(wanted) == listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::row::{Place, Settled, Settling};

    fn held() -> Held {
        Held {
            key: "in/cards.csv".into(),
            version: Some("v1".into()),
            status: Some("HAS_FINDINGS".into()),
            reasons: Some(vec!["CREDIT_CARD_NUMBER found 1 time: row 2".into()]),
            ..Held::default()
        }
    }

    #[test]
    fn what_is_not_said_excludes_nothing() {
        let all = Selection::default();
        assert!(all.means(&held(), "in") && all.may_mean("any", Duration::ZERO) && !all.is_narrow());
    }

    #[test]
    fn everything_that_is_said_has_to_hold() {
        let some = |text: &str| Some(text.to_owned());
        for (selection, meant) in [
            (Selection { key: some("in/cards.csv"), ..Selection::default() }, true),
            (Selection { key: some("in/cards"), ..Selection::default() }, false),
            (Selection { version: some("v1"), ..Selection::default() }, true),
            (Selection { version: some("v2"), ..Selection::default() }, false),
            (Selection { statuses: vec!["INTEGRITY_FAIL".into()], ..Selection::default() }, false),
            (
                Selection {
                    statuses: vec!["HAS_FINDINGS".into()],
                    reason: some("credit_card"),
                    ..Selection::default()
                },
                true,
            ),
            (Selection { statuses: vec!["HAS_FINDINGS".into()], reason: some("IBAN"), ..Selection::default() }, false),
        ] {
            assert!(selection.is_narrow());
            assert_eq!(selection.means(&held(), "in"), meant, "{selection:?}");
        }
    }

    /// Step Functions and the log forget, and e-mails do not.
    #[test]
    fn a_version_that_nobody_remembers_is_told_by_its_place() {
        for key in ["in/cards.csv".to_owned(), "k".repeat(1024)] {
            let place = copies::analytics_key(&copies::copy_id("in", &key, "v1"), &key);
            let place = Place { key: place, version: "h1".into(), ..Place::default() };
            let shown = copies::own_key(&place.key).to_owned();
            let held = Held { version: None, key: shown, place, ..held() };
            for (version, meant) in [("v1", true), ("h1", true), ("v2", false)] {
                let (key, version) = (Some(key.clone()), Some(version.to_owned()));
                let selection = Selection { key, version, ..Selection::default() };
                assert_eq!(selection.means(&held, "in"), meant, "{selection:?}");
            }
        }
    }

    /// What was decided of another version, or of what is not selected, is none of it.
    #[test]
    fn what_was_decided_before_is_told_by_its_place() {
        let copy = copies::analytics_key(&copies::copy_id("in", "a.csv", "v1"), "a.csv");
        let before = Decision {
            action: Settling::Release,
            state: Settled::Done,
            key: "a.csv".into(),
            place: Place { bucket: "an".into(), key: copy, version: "h1".into() },
            status: Some("HAS_FINDINGS".into()),
            size: 1,
            vault_version: None,
            by: String::new(),
            at: String::new(),
            reason: String::new(),
            requested: None,
        };
        let some = |text: &str| Some(text.to_owned());
        for (selection, meant) in [
            (Selection::default(), true),
            (Selection { version: some("v1"), ..Selection::default() }, true),
            (Selection { version: some("h1"), ..Selection::default() }, true),
            (Selection { version: some("v2"), ..Selection::default() }, false),
            (Selection { statuses: vec!["HAS_FINDINGS".into()], ..Selection::default() }, true),
            (Selection { statuses: vec!["NOT_ANALYSED".into()], ..Selection::default() }, false),
            (Selection { reason: some("card"), ..Selection::default() }, true),
            (Selection { prefix: some("b"), ..Selection::default() }, false),
        ] {
            assert_eq!(selection.meant_before(&before, "in"), meant, "{selection:?}");
        }
    }

    #[test]
    fn age_and_prefix_are_told_by_the_list() {
        let day = Duration::from_hours(24);
        let old = Selection { older_than: Some(day), prefix: Some("in/".into()), ..Selection::default() };
        assert!(old.may_mean("in/a", day) && !old.may_mean("in/a", day / 2) && !old.may_mean("out/in/", day));
    }
}
