//! The command lines that a user is told to run next.
//!
//! Texts name a command as `` `cvault up` ``, wherever they are written. Before they reach the user each is
//! completed with the options of the run that decide what happens: a hint without `--keep-vault`
//! would delete what was to be kept.

/// The options of this run that a command to run next has to repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    every: Vec<Argument>,
    wanted: Vec<Argument>,
    up: Vec<Argument>,
    down: Vec<Argument>,
    gc: Vec<Argument>,
    policy: Vec<Argument>,
    /// Whether the run is about several stacks, one after the other.
    of_several: bool,
    profile: Option<String>,
}

/// An option, with its value if it takes one.
type Argument = (&'static str, Option<String>);

/// How a text names a command.
const MARK: &str = "`cvault ";
/// The command of the AWS CLI that takes the same profile.
const SIGN_IN: &str = "`aws sso login`";

impl Invocation {
    /// Repeats an option with every command.
    pub fn every(&mut self, option: &'static str, value: Option<String>) {
        self.every.push((option, value));
    }

    /// Repeats an option with every command that compares what is wanted with what is there.
    pub fn wanted(&mut self, option: &'static str, value: Option<String>) {
        self.wanted.push((option, value));
    }

    /// Repeats an option with `up`.
    pub fn up(&mut self, option: &'static str, value: Option<String>) {
        self.up.push((option, value));
    }

    /// Repeats an option with `down`.
    pub fn down(&mut self, option: &'static str, value: Option<String>) {
        self.down.push((option, value));
    }

    /// Repeats an option with `gc`.
    pub fn gc(&mut self, option: &'static str, value: Option<String>) {
        self.gc.push((option, value));
    }

    /// Repeats an option with `policy`.
    pub fn policy(&mut self, option: &'static str, value: Option<String>) {
        self.policy.push((option, value));
    }

    /// The run is about several stacks, one after the other: see [`Self::of_stack`].
    pub fn of_several(&mut self) {
        self.of_several = true;
    }

    /// The same for one stack of a run that is about several; the same as it is for any other run.
    #[must_use]
    pub fn of_stack(&self, stack: &str, id: &str) -> Self {
        let mut of_stack = self.clone();
        if self.of_several {
            of_stack.every.retain(|(option, _)| !["--stack", "--id"].contains(option));
            of_stack.every.splice(0..0, [("--stack", Some(stack.to_owned())), ("--id", Some(id.to_owned()))]);
        }
        of_stack
    }

    /// Whose session it is that a user has to sign in to again.
    pub fn profile(&mut self, profile: String) {
        self.profile = Some(profile);
    }

    /// The text, its commands completed. What is complete stays as it is.
    #[must_use]
    pub fn complete(&self, text: &str) -> String {
        let sign_in = self.profile.as_deref().map(|profile| format!("`aws sso login --profile {}`", quoted(profile)));
        let text = &sign_in.map_or_else(|| text.to_owned(), |sign_in| text.replace(SIGN_IN, &sign_in));
        let mut complete = String::new();
        let mut rest = text.as_str();
        while let Some((before, behind)) = rest.split_once(MARK) {
            let Some((command, after)) = behind.split_once('`') else { break };
            complete.push_str(before);
            complete.push_str(MARK);
            complete.push_str(&self.command(command));
            complete.push('`');
            rest = after;
        }
        complete.push_str(rest);
        complete
    }

    fn command(&self, command: &str) -> String {
        let (name, said) = command.split_once(' ').unwrap_or((command, ""));
        let own: &[Argument] = match name {
            "up" => &self.up,
            "down" => &self.down,
            "gc" => &self.gc,
            // Another document, which has options of its own.
            "policy" if said.contains("--oidc") => &[],
            "policy" => &self.policy,
            "status" | "doctor" | "held" | "show" | "release" | "discard" | "judge" | "list" | "report" | "verify" => {
                &[]
            }
            _ => return command.to_owned(),
        };
        let mut words = vec![name.to_owned()];
        let compares = ["up", "status", "doctor", "verify"].contains(&name);
        let wanted = if compares { &self.wanted[..] } else { &[] };
        for (option, value) in self.every.iter().chain(wanted).chain(own) {
            if says(said, option, value.as_deref()) {
                continue;
            }
            words.push((*option).to_owned());
            words.extend(value.as_deref().map(quoted));
        }
        words.extend((!said.is_empty()).then(|| said.to_owned()));
        words.join(" ")
    }
}

/// Whether a command says an option already. What is named one by one it may name beside others.
fn says(said: &str, option: &str, value: Option<&str>) -> bool {
    let words: Vec<_> = said.split(' ').collect();
    words.iter().enumerate().filter(|(_, word)| **word == option).any(|(at, _)| match (words.get(at + 1), value) {
        (Some(named), Some(value)) if option == "--adopt" && !named.starts_with('-') => *named == quoted(value),
        _ => true,
    })
}

/// A word as a shell takes it.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invocation() -> Invocation {
        let mut invocation = Invocation::default();
        invocation.every("--stack", Some("it's mine".into()));
        invocation.every("--region", Some("eu-west-1".into()));
        invocation.up("--email", Some("ops@example.com".into()));
        invocation.up("--adopt", None);
        invocation.wanted("--tag", Some("Owner=the ops".into()));
        invocation.down("--keep-vault", None);
        invocation
    }

    #[test]
    fn a_command_gets_the_options_of_the_run() {
        let complete = |text| invocation().complete(text);
        let options = r"--stack 'it'\''s mine' --region eu-west-1";
        assert_eq!(
            complete("run `cvault down` to do it"),
            format!("run `cvault down {options} --keep-vault` to do it")
        );
        assert_eq!(
            complete("`cvault up --adopt` takes it over; see `cvault status`"),
            format!(
                "`cvault up {options} --tag 'Owner=the ops' --email ops@example.com --adopt` takes it over; see `cvault status {options} --tag 'Owner=the ops'`"
            )
        );
    }

    #[test]
    fn what_is_taken_over_one_by_one_is_so_together() {
        let mut invocation = Invocation::default();
        invocation.up("--adopt", Some("role/trigger".into()));
        let complete = invocation.complete("`cvault up --adopt bucket/vault`");
        assert_eq!(complete, "`cvault up --adopt role/trigger --adopt bucket/vault`");
        assert_eq!(invocation.complete(&complete), complete);
        assert_eq!(invocation.complete("`cvault up --adopt`"), "`cvault up --adopt`", "of all");
    }

    #[test]
    fn what_is_complete_or_no_command_stays() {
        let once = invocation().complete("`cvault up` and `cvault down`");
        assert_eq!(invocation().complete(&once), once);
        for text in ["cvault up", "`aws sso login`", "`cvault up", "`cvault init`", "a ` b"] {
            assert_eq!(invocation().complete(text), text);
        }
        assert_eq!(Invocation::default().complete("run `cvault up`"), "run `cvault up`");
    }

    #[test]
    fn a_command_for_somebody_else_has_their_profile() {
        let mut invocation = Invocation::default();
        invocation.every("--profile", Some("mine".into()));
        let theirs = "`cvault release k --profile THEIRS --reason WHY`";
        assert_eq!(invocation.complete(theirs), theirs);
    }

    #[test]
    fn of_several_stacks_each_is_named() {
        let mut invocation = invocation();
        invocation.gc("--delete-data", None);
        let text = "`cvault gc` again, or `cvault down`";
        assert_eq!(invocation.of_stack("pr-12", "0a1b"), invocation, "it is about one");
        invocation.of_several();
        let of_stack = invocation.of_stack("pr-12", "0a1b").complete(text);
        let options = "--stack pr-12 --id 0a1b --region eu-west-1";
        assert_eq!(
            of_stack,
            format!("`cvault gc {options} --delete-data` again, or `cvault down {options} --keep-vault`")
        );
    }

    #[test]
    fn a_policy_is_for_what_needs_it() {
        let mut invocation = Invocation::default();
        invocation.policy("--for", Some("doctor".into()));
        for (text, complete) in [
            ("`cvault policy`", "`cvault policy --for doctor`"),
            ("`cvault policy --for up --for down`", "`cvault policy --for up --for down`"),
            ("`cvault policy --oidc github`", "`cvault policy --oidc github`"),
        ] {
            assert_eq!(invocation.complete(text), complete);
        }
    }

    #[test]
    fn who_has_to_sign_in_is_named() {
        let mut invocation = invocation();
        invocation.profile("my prod".into());
        let text = "sign in with `aws sso login`, then run `cvault status --stack x --region y`";
        assert_eq!(
            invocation.complete(text),
            "sign in with `aws sso login --profile 'my prod'`, then run `cvault status --tag 'Owner=the ops' --stack x --region y`"
        );
    }
}
