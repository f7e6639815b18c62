//! What is to be decided of which held versions, before anything is: what is too vague is refused, and a person is asked.

use super::eyes::{Eyes, Turn};
use super::list::found;
use super::selection::{Found, Selection};
use crate::commands::Session;
use crate::commands::interruption::reading;
use crate::deploy::event::Question;
use crate::outcome::failure::Failure;
use crate::outcome::invocation::quoted;
use crate::outcome::row::{Held, Settling, Total};
use crate::vault::requests;
use anyhow::{Result, bail};
use futures::TryStreamExt;

/// What is to be done, to which versions, and why.
#[derive(Clone, Debug)]
pub struct Deciding {
    /// What.
    pub action: Settling,
    /// Which versions.
    pub selection: Selection,
    /// Why.
    pub reason: String,
    /// Whether everything that is held may be meant.
    pub all: bool,
    /// Whether a request is taken back, instead of being made or confirmed.
    pub withdraw: bool,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
}

impl Deciding {
    /// Refuses what is too vague to be done, or could not be recorded as it is.
    ///
    /// # Errors
    /// It is wrong usage.
    pub fn check(&self) -> Result<()> {
        let what = format!("{} held versions", self.action.word());
        if !self.selection.is_narrow() && !self.all {
            bail!(Failure::usage(
                what,
                "nothing says which",
                "name a key, select by --status, --prefix, --older-than or --with-reason, or pass --all"
            ));
        }
        // The audit and the vault say the same.
        if self.reason.trim().is_empty() || !requests::fits(&self.reason) {
            bail!(Failure::usage(
                what,
                format!("the reason cannot be recorded as {:?}", self.reason),
                "say it in at most 256 letters, digits, blanks and + - = . _ : / @"
            ));
        }
        Ok(())
    }

    /// Refuses what four eyes have no room for, or no use.
    ///
    /// # Errors
    /// It is wrong usage.
    pub fn check_with(&self, eyes: Option<&Eyes>) -> Result<()> {
        let what = format!("{} held versions", self.action.word());
        if self.withdraw && eyes.is_none() {
            let fix = "leave --withdraw out; where two have to want it, vault.approvals is 2";
            bail!(Failure::refused(what, "one identity decides here, so that nothing is requested", fix));
        }
        let (length, room) = (self.reason.chars().count(), requests::LONGEST_REASON);
        if eyes.is_some() && length > room {
            let why = format!("the reason has {length} characters, and a request has room for {room}");
            bail!(Failure::usage(what, why, "say it shorter, and the rest in the ticket that it names"));
        }
        Ok(())
    }

    /// What a person is asked before anything is done; `None` where nothing is meant.
    ///
    /// # Errors
    /// Something cannot be read, or a key has several held versions and none was named.
    pub async fn question(&self, session: &Session, eyes: Option<&Eyes>, moment: i64) -> Result<Option<Question>> {
        let (mut total, mut some, mut turns) = (Total::default(), vec![], Turns::default());
        let mut meant = Box::pin(found(session, &self.selection, moment));
        let count = async {
            while let Some(found) = meant.try_next().await? {
                let Found::Held(held) = found else { continue };
                total.count += 1;
                total.bytes += held.size;
                if let Some(eyes) = eyes {
                    turns.count(&eyes.turn(self.action, self.withdraw, held.request.as_ref()));
                }
                if some.len() < 5 {
                    some.push(held);
                }
            }
            Ok(())
        };
        reading(&session.aws, "what is held", count).await?;
        self.one_of_a_key(&some)?;
        // What cannot be done, or is done already, is said without being asked for.
        if total.count == 0 || eyes.is_some() && turns == Turns::default() {
            return Ok(None);
        }
        let versions = if total.count == 1 { "version" } else { "versions" };
        let mut facts = vec![format!("{} held {versions}, {} bytes", total.count, total.bytes)];
        facts.extend(some.iter().map(|held| format!("{:?}: {}", held.key, held.status.as_deref().unwrap_or_default())));
        if total.count > 5 {
            facts.push(format!("and {} more", total.count - 5));
        }
        if eyes.is_some() {
            facts.extend(turns.facts(self.action));
        }
        if eyes.is_none() || turns.confirmed > 0 {
            facts.push(match self.action {
                Settling::Release => "they go to the vault, where nobody can delete them".into(),
                Settling::Discard => {
                    "they are deleted for good: there is no other copy; what is in the vault by now is left".into()
                }
            });
        }
        let what = match (self.withdraw, self.action.word()) {
            (true, word) => format!("take back what is requested ({word})"),
            (false, word) if eyes.is_some() && turns.confirmed == 0 => format!("request to {word} what is held"),
            (false, word) => format!("{word} what is held"),
        };
        Ok(Some(Question { what, facts, typed: None }))
    }

    /// The command by which this is done, or by which another identity confirms it: by a profile of its own, where this one
    /// has one. A key that begins with `-` stands behind all options, and such a value in one word with its option.
    #[must_use]
    pub(super) fn command(&self, by_profile: bool) -> String {
        let Selection { key, version, statuses, reason, prefix, older_than, with_reasons: _ } = &self.selection;
        let older_than = older_than.map(|age| age.as_secs().to_string());
        let options = [("--prefix", prefix), ("--with-reason", reason), ("--older-than", &older_than)];
        let (late, key): (Vec<_>, Vec<_>) = key.iter().partition(|key| key.starts_with('-'));
        let with = |option: &str, value: &str| {
            format!("{option}{}{}", if value.starts_with('-') { "=" } else { " " }, quoted(value))
        };
        let mut words = vec![format!("cvault {}", self.action.word())];
        words.extend(key.into_iter().map(|key| quoted(key)));
        words.extend(version.iter().map(|version| with("--version-id", version)));
        words.extend(statuses.iter().map(|status| with("--status", status)));
        let given = options.into_iter().filter_map(|(option, value)| Some((option, value.as_deref()?)));
        words.extend(given.map(|(option, value)| with(option, value)));
        words.extend(self.all.then(|| "--all".to_owned()));
        words.extend(self.withdraw.then(|| "--withdraw".to_owned()));
        words.extend(by_profile.then(|| "--profile THEIRS".to_owned()));
        words.push("--reason WHY".into());
        words.extend(late.into_iter().map(|key| format!("-- {}", quoted(key))));
        words.join(" ")
    }

    /// A key alone means one version.
    fn one_of_a_key(&self, held: &[Box<Held>]) -> Result<()> {
        let (Some(key), None, [_, _, ..], false) = (&self.selection.key, &self.selection.version, held, self.all)
        else {
            return Ok(());
        };
        let versions = held.iter().map(|held| held.version.clone().unwrap_or_else(|| held.place.version.clone()));
        bail!(Failure::refused(
            format!("{} {key:?}", self.action.word()),
            format!("several versions of it are held: {}", versions.collect::<Vec<_>>().join(", ")),
            "name one by --version-id, or pass --all for each of them"
        ))
    }
}

/// How many of what is meant are asked for, confirmed or taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Turns {
    asked: u64,
    confirmed: u64,
    withdrawn: u64,
}

impl Turns {
    fn count(&mut self, turn: &Turn) {
        match turn {
            Turn::Ask => self.asked += 1,
            Turn::Confirm(_) => self.confirmed += 1,
            Turn::Withdraw(_) => self.withdrawn += 1,
            Turn::Wait(_) | Turn::Other(_) | Turn::Nothing => {}
        }
    }

    fn facts(self, action: Settling) -> impl Iterator<Item = String> {
        let done = action.done();
        let facts = [
            (self.confirmed, format!("requested by others, and {done} now")),
            (self.asked, format!("only requested now, and {done} once another releaser confirms it")),
            (self.withdrawn, "not requested any more, and held as before".to_owned()),
        ];
        facts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} of them {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::failure::Exit;

    fn deciding(reason: &str, key: Option<&str>) -> Deciding {
        let selection = Selection { key: key.map(str::to_owned), ..Selection::default() };
        Deciding {
            action: Settling::Release,
            selection,
            reason: reason.into(),
            all: false,
            withdraw: false,
            dry_run: false,
        }
    }

    #[test]
    fn a_reason_is_what_a_tag_can_say() {
        for good in ["test data", "ticket OPS-12: https://tickets.example/12", "Prüfung 日本", &"r".repeat(256)] {
            assert!(deciding(good, Some("k")).check().is_ok(), "{good}");
        }
        for bad in ["", "  ", "a, b", "a\nb", "100%", "\"quoted\"", &"r".repeat(257)] {
            let error = deciding(bad, Some("k")).check().unwrap_err().downcast::<Failure>().unwrap();
            assert_eq!(error.exit, Exit::Usage, "{bad}");
        }
    }

    #[test]
    fn everything_is_meant_only_where_it_is_said() {
        assert!(deciding("r", None).check().is_err());
        assert!(Deciding { all: true, ..deciding("r", None) }.check().is_ok());
    }

    #[test]
    fn the_command_to_confirm_by_says_what_was_selected() {
        let one = deciding("r", Some("in/a b.csv"));
        assert_eq!(one.command(false), "cvault release 'in/a b.csv' --reason WHY");
        assert_eq!(one.command(true), "cvault release 'in/a b.csv' --profile THEIRS --reason WHY");
        let back = Deciding { withdraw: true, ..deciding("r", Some("-a b.csv")) };
        assert_eq!(back.command(false), "cvault release --withdraw --reason WHY -- '-a b.csv'");
        let selection = Selection {
            statuses: vec!["HAS_FINDINGS".into()],
            prefix: Some("in/".into()),
            older_than: Some(std::time::Duration::from_hours(1)),
            ..Selection::default()
        };
        let several = Deciding { selection, all: true, ..deciding("r", None) };
        let expected = "cvault release --status HAS_FINDINGS --prefix in/ --older-than 3600 --all --reason WHY";
        assert_eq!(several.command(false), expected);
        let selection = Selection { prefix: Some("-in/".into()), version: Some("-v".into()), ..Selection::default() };
        let dashes = Deciding { selection: Selection { key: Some("k".into()), ..selection }, ..deciding("r", None) };
        assert_eq!(dashes.command(false), "cvault release k --version-id=-v --prefix=-in/ --reason WHY");
        // Each is a command line of ours.
        for command in [one.command(true), back.command(false), several.command(false), dashes.command(false)] {
            let line = command.replace('\'', "").replace("a b", "a_b");
            assert!(crate::cli::Cli::read(line.split(' ').map(Into::into)).is_ok(), "{line}");
        }
    }

    /// A request has less room than the vault's tag, and is of no use where nobody has to confirm it.
    #[test]
    fn four_eyes_have_rules_of_their_own() {
        let eyes = Eyes { me: "arn:aws:iam::1:user/ana".into() };
        let exit = |deciding: &Deciding, eyes| {
            deciding.check_with(eyes).err().map(|error| error.downcast::<Failure>().unwrap().exit)
        };
        let long = deciding(&"r".repeat(256), Some("k"));
        assert_eq!((exit(&long, None), exit(&long, Some(&eyes))), (None, Some(Exit::Usage)));
        let back = Deciding { withdraw: true, ..deciding("r", Some("k")) };
        assert_eq!((exit(&back, None), exit(&back, Some(&eyes))), (Some(Exit::Refused), None));
    }
}
