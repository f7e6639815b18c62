//! `cvault gc`: removes the stacks whose expiry has passed, each as `cvault down` does it.

use super::down::{self, Removal};
use super::interruption::exit_or;
use super::list::{self, Listed};
use super::rights;
use super::session::Session;
use crate::aws::explained;
use crate::deploy::event::{Event, Question, Typed};
use crate::deploy::permission::{Permission, Phase};
use crate::outcome::failure::{Exit, Failure};
use crate::outcome::row::{Expired, Removed, Row, Stack};
use crate::vault::macie::Macie;
use crate::vault::names::{Existing, Names};
use crate::vault::settings::Settings;
use anyhow::{Result, bail};

/// What is to be removed.
#[derive(Clone, Debug, Default)]
pub struct Collecting {
    /// Only a stack of this name.
    pub stack: Option<String>,
    /// Only a stack of this id.
    pub id: Option<String>,
    /// Nothing; what would be is said.
    pub dry_run: bool,
}

/// A stack that has expired, or may have, and what there is to remove.
struct Due {
    stack: Stack,
    found: Result<Found>,
}

struct Found {
    session: Session,
    macie: Macie,
    removal: Removal,
}

/// All that have expired, and those of which nobody can tell it.
pub struct Garbage<'a> {
    session: &'a Session,
    collecting: &'a Collecting,
    due: Vec<Due>,
    /// How many stacks there are that were meant, expired or not.
    meant: usize,
}

/// Looks at what has expired.
///
/// # Errors
/// The stacks cannot be listed. What of one of them cannot be read is told of that one.
pub async fn look<'a>(session: &'a Session, collecting: &'a Collecting) -> Result<Garbage<'a>> {
    let mut due = vec![];
    let mut all = list::all(session).await?;
    all.retain(|listed| collecting.means(&listed.stack));
    let meant = all.len();
    for listed in all {
        let found = match listed.unread.first() {
            // It may have expired.
            Some(why) => Err(list::unread(format!("remove stack {}", listed.stack.stack), why).into()),
            None if listed.stack.expired => Box::pin(found(session, &listed)).await,
            None => continue,
        };
        due.push(Due { stack: listed.stack, found });
    }
    Ok(Garbage { session, collecting, due, meant })
}

impl Collecting {
    fn means(&self, stack: &Stack) -> bool {
        let is = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        is(&self.stack, &stack.stack) && is(&self.id, &stack.id)
    }

    /// What is said where nothing has expired of so many stacks that are meant: a name may be mistyped.
    fn nothing(&self, meant: usize, names: &Names) -> String {
        let options = [("--stack", &self.stack), ("--id", &self.id)];
        let options: Vec<_> =
            options.iter().filter_map(|(option, value)| Some(format!("{option} {}", value.as_ref()?))).collect();
        let with = if options.is_empty() { String::new() } else { format!(" with {}", options.join(" ")) };
        let place = format!("{}/{}", names.account, names.region);
        match meant {
            0 => format!("no stack{with} is in {place}"),
            1 => format!("no stack{with} has expired: 1 is in {place}"),
            count => format!("no stack{with} has expired: {count} are in {place}"),
        }
    }
}

async fn found(session: &Session, listed: &Listed) -> Result<Found> {
    let session = session.of_stack(settings(&session.settings, listed)?);
    let macie = session.look().await?;
    let removal = down::look(&session, &macie, false).await?;
    if removal.holds_data() && !session.settings.delete_data {
        let fix = "`cvault gc --delete-data` deletes them too; `cvault up --expires 7d` keeps them";
        bail!(Failure::refused(format!("remove stack {}", session.names.stack), removal.would_be_lost(), fix));
    }
    Ok(Found { session, macie, removal })
}

/// What the configuration says, for another stack: its names are its own.
fn settings(of: &Settings, listed: &Listed) -> Result<Settings> {
    let Listed { stack: Stack { stack, id, .. }, bucket_prefixes, role, existing, .. } = listed;
    let mut settings = of.clone();
    (settings.stack, settings.id) = (Some(stack.clone()), Some(id.clone()));
    settings.emails = vec![];
    // What that one uses and has not made it does not remove either; of its buckets it says what stays there.
    settings.existing = Existing { buckets: existing.clone(), ..Existing::default() };
    match bucket_prefixes.iter().collect::<Vec<_>>()[..] {
        [prefix] => settings.buckets.prefix.clone_from(prefix),
        _ => bail!(Failure::refused(
            format!("remove stack {stack}"),
            format!("buckets of different names carry its tags: {bucket_prefixes:?} before cv-"),
            "find out who owns them: only the stack's own resources should have its tags"
        )),
    }
    let Some((path, prefix)) = role.as_ref().and_then(|role| of_role(role, id)) else {
        bail!(Failure::refused(
            format!("remove stack {stack}"),
            "its function is gone, and no tag of its buckets says what the names of its roles begin with",
            "`cvault down`, with the configuration by which it was made (--config)"
        ));
    };
    (settings.iam.path, settings.iam.role_prefix) = (path, prefix);
    Ok(settings)
}

/// The path and the prefix of a classifier's role, by its ARN; by its name, which is enough to remove it, the prefix alone.
fn of_role(role: &str, id: &str) -> Option<(String, String)> {
    let (path, name) = match role.split_once(":role") {
        Some((_, role)) => role.rsplit_once('/')?,
        None => ("", role),
    };
    Some((format!("{path}/"), name.strip_suffix(&format!("cyber_vault-classifier-{id}"))?.to_owned()))
}

impl Garbage<'_> {
    /// What a person is asked before it is removed; `None` where there is nothing to remove.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        let removals = self.due.iter().filter_map(|due| due.found.as_ref().ok());
        let questions: Vec<_> = removals.filter_map(|found| found.removal.question(&found.session.names)).collect();
        let typed = questions.iter().any(|question| question.typed.is_some());
        let facts: Vec<_> = questions.iter().flat_map(|question| question.facts.clone()).collect();
        let what = match questions.len() {
            0 => return None,
            1 => "remove 1 stack that has expired".to_owned(),
            count => format!("remove {count} stacks that have expired"),
        };
        let account = || Typed { what: "the account's number", text: self.session.names.account.clone() };
        Some(Question { what, facts, typed: typed.then(account) })
    }

    /// Removes it, one stack after the other: what becomes of one keeps no other.
    pub async fn remove(self) -> Exit {
        let Self { session, collecting, due, meant } = self;
        if due.is_empty() {
            session.events.send(Event::Note { text: collecting.nothing(meant, &session.names) });
        }
        let mut states = vec![];
        for Due { stack, found } in due {
            let (state, says, fix) = match found {
                Err(error) => left(&explained(&error)),
                Ok(_) if session.interrupt.cause().is_some() => kept("was not begun: the run was stopped", None),
                Ok(_) if collecting.dry_run => (Removed::Planned, "would be removed".into(), None),
                Ok(found) => Box::pin(remove(&found)).await,
            };
            let Stack { stack, id, expires, .. } = stack;
            session.events.send(Event::Row(Row::Expired(Expired { stack, id, expires, state, says, fix })));
            states.push(state);
        }
        exit_or(&session.interrupt, exit(&states, collecting.dry_run))
    }
}

type Became = (Removed, String, Option<String>);

fn kept(says: &str, fix: Option<String>) -> Became {
    (Removed::Kept, says.to_owned(), fix)
}

/// What became of a stack that could not be looked at, or is not to be removed.
fn left(Failure { what, why, fix, exit }: &Failure) -> Became {
    match exit {
        Exit::Refused => kept(why, Some(fix.clone())),
        _ => (Removed::Failed, format!("could not {what}: {why}"), Some(fix.clone())),
    }
}

async fn remove(Found { session, macie, removal }: &Found) -> Became {
    match list::is_expired(session).await {
        Ok(true) => {}
        Ok(false) => return kept("does not expire any more: somebody has moved its expiry, or removed it", None),
        Err(error) => return left(&explained(&error)),
    }
    if down::remove(session, macie, removal).await == Exit::Done {
        return (Removed::Removed, "is removed".into(), None);
    }
    let again = "`cvault gc` again, or `cvault down`".into();
    (Removed::Failed, "is not removed to its end; what is removed is removed".into(), Some(again))
}

fn exit(states: &[Removed], dry_run: bool) -> Exit {
    let any = |state| states.contains(&state);
    if any(Removed::Failed) {
        return Exit::Failed;
    }
    match (any(Removed::Kept), any(Removed::Removed)) {
        _ if dry_run && any(Removed::Planned) => Exit::Differs,
        (false, _) => Exit::Done,
        // Nothing was changed.
        (true, false) => Exit::Refused,
        (true, true) => Exit::Failed,
    }
}

/// What `gc` needs: what finds stacks, and what `down` does, of any stack. Of a full one too where the phase says so.
///
/// # Errors
/// A document of `definitions/` is wrong: a mistake of ours.
pub(super) fn permissions(settings: &Settings, names: &Names, delete_data: bool) -> Result<Vec<Permission>> {
    // What it removes has buckets, a key and a topic of its own, or uses others as this configuration does.
    let of = |existing: Existing| {
        let any = Names { stack: "*".into(), id: "*".into(), existing, ..names.clone() };
        rights::of_the_stack(settings, &any, &Macie::unseen(settings))
    };
    let wanted = |phase| matches!(phase, Phase::Observe | Phase::Delete) || phase == Phase::DeleteData && delete_data;
    // Of a bucket that is kept, which is none here.
    let is_of_kept = |permission: &Permission| permission.actions == ["s3:PutBucketTagging"];
    let mut needed = of(Existing::default())?;
    if names.existing != Existing::default() {
        needed.extend(of(names.existing.clone())?);
    }
    needed.retain(|permission| wanted(permission.phase) && !is_of_kept(permission));
    needed.extend(list::parts_permissions(names));
    Ok(needed.into_iter().map(|permission| Permission { phase: Phase::Gc, ..permission }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::names::Buckets;
    use std::collections::BTreeSet;

    #[test]
    fn the_names_of_another_stack_are_its_own() {
        let role = "arn:aws:iam::123456789012:role/ci/vault/acme-cyber_vault-classifier-626fa970";
        assert_eq!(of_role(role, "626fa970"), Some(("/ci/vault/".into(), "acme-".into())));
        let plain = "arn:aws:iam::123456789012:role/cyber_vault-classifier-x";
        assert_eq!(of_role(plain, "x"), Some(("/".into(), String::new())));
        assert_eq!(of_role(plain, "y"), None);
        let stack = Stack {
            stack: "pr-12".into(),
            id: "626fa970".into(),
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            state: "whole",
            missing: vec![],
            created: None,
            age_seconds: None,
            expires: None,
            expired: true,
        };
        let bucket_prefixes = BTreeSet::from(["acme-".to_owned()]);
        let existing = Buckets { ingress: Some("landing".into()), ..Buckets::default() };
        let mut listed = Listed { stack, bucket_prefixes, role: Some(role.into()), existing, unread: vec![] };
        let of = Settings { emails: vec!["a@b.de".into()], ..Settings::default() };
        let made = settings(&of, &listed).unwrap();
        let names = made.names("aws", "123456789012", "eu-west-1");
        assert_eq!(names.role_arn("classifier"), role);
        assert_eq!(names.bucket(crate::vault::names::Zone::Vault), "acme-cv-vault-zone-626fa970");
        assert_eq!(names.bucket(crate::vault::names::Zone::Ingress), "landing");
        assert!(made.emails.is_empty() && !made.delete_data);
        listed.role = Some("acme-cyber_vault-classifier-626fa970".into());
        assert_eq!(settings(&of, &listed).unwrap().iam.role_prefix, "acme-");
        listed.role = None;
        assert!(settings(&of, &listed).is_err(), "what are its roles called?");
        listed.role = Some(role.into());
        listed.bucket_prefixes.insert(String::new());
        assert!(settings(&of, &listed).is_err(), "which ones are its own?");
    }

    #[test]
    fn a_name_that_no_stack_has_is_told() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "cyber-vault", None);
        let of = |stack: Option<&str>| Collecting { stack: stack.map(str::to_owned), ..Collecting::default() };
        let place = "in 123456789012/eu-west-1";
        assert_eq!(of(None).nothing(0, &names), format!("no stack is {place}"));
        assert_eq!(of(Some("typo")).nothing(0, &names), format!("no stack with --stack typo is {place}"));
        assert_eq!(of(Some("p")).nothing(1, &names), format!("no stack with --stack p has expired: 1 is {place}"));
        assert_eq!(of(None).nothing(3, &names), format!("no stack has expired: 3 are {place}"));
    }

    #[test]
    fn what_is_left_is_told_by_the_exit_code() {
        use Removed::{Failed, Kept, Planned};
        for (states, dry_run, expected) in [
            (&[][..], false, Exit::Done),
            (&[Removed::Removed, Removed::Removed], false, Exit::Done),
            (&[Kept], false, Exit::Refused),
            (&[Kept, Removed::Removed], false, Exit::Failed),
            (&[Failed, Removed::Removed], false, Exit::Failed),
            (&[], true, Exit::Done),
            (&[Planned], true, Exit::Differs),
            (&[Kept], true, Exit::Refused),
            (&[Kept, Planned], true, Exit::Differs),
            (&[Failed, Planned], true, Exit::Failed),
        ] {
            assert_eq!(exit(states, dry_run), expected, "{states:?} {dry_run}");
        }
    }
}
