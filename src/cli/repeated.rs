//! What the commands that are named to run next repeat of this one.

use super::stack::EVERYTHING;
use super::{Cli, Command, Options, Purpose};
use crate::outcome::invocation::Invocation;
use clap::ValueEnum;

impl Cli {
    /// What the commands that are named to run next have to repeat of this one.
    #[must_use]
    pub fn invocation(&self) -> Invocation {
        let mut invocation = Invocation::default();
        let Options { stack, id, region, profile, expect_account, config, macie, .. } = &self.options;
        let config = config.as_ref().map(|path| path.display().to_string());
        let macie = macie.and_then(|macie| macie.to_possible_value()).map(|value| value.get_name().to_owned());
        let given = [
            ("--stack", stack.clone()),
            ("--id", id.clone()),
            ("--region", region.clone()),
            ("--profile", profile.clone()),
            ("--expect-account", expect_account.clone()),
            ("--config", config),
            ("--macie", macie),
        ];
        given.into_iter().filter(|given| given.1.is_some()).for_each(|(option, value)| invocation.every(option, value));
        for tag in self.command.tags() {
            invocation.wanted("--tag", Some(tag.clone()));
        }
        match &self.command {
            Command::Up(up) => {
                up.addresses().into_iter().for_each(|address| invocation.up("--email", Some(address)));
                let flags = [
                    ("--enable-macie", up.enable_macie),
                    ("--prune-emails", up.prune_emails),
                    ("--downgrade", up.downgrade),
                ];
                let expires = up.expires.as_ref().map(ToString::to_string);
                if let Some(moment) = expires {
                    invocation.up("--expires", Some(moment));
                }
                flags.iter().filter(|flag| flag.1).for_each(|flag| invocation.up(flag.0, None));
                let named = up.adopt.iter().map(|name| Some(name.clone()).filter(|name| name != EVERYTHING));
                named.for_each(|name| invocation.up("--adopt", name));
            }
            Command::Down(down) => {
                let yes = self.options.yes && down.delete_data;
                let flags = [("--delete-data", down.delete_data), ("--keep-vault", down.keep_vault), ("--yes", yes)];
                flags.iter().filter(|flag| flag.1).for_each(|flag| invocation.down(flag.0, None));
            }
            Command::Gc(gc) => {
                invocation.of_several();
                if gc.delete_data {
                    invocation.gc("--delete-data", None);
                    invocation.down("--delete-data", None);
                }
            }
            _ => {}
        }
        self.command.needs(&mut invocation);
        invocation
    }
}

impl Command {
    /// What `policy` has to print for it.
    fn needs(&self, invocation: &mut Invocation) {
        let (purposes, delete_data): (&[Purpose], _) = match self {
            Self::Policy(policy) => (&policy.rights.purposes, policy.rights.delete_data),
            Self::Up(_) | Self::Demo(_) | Self::Init(_) => (&[], false),
            Self::Down(down) => (&[], down.delete_data),
            Self::Status(_) => (&[Purpose::Status], false),
            Self::Doctor(_) => (&[Purpose::Doctor], false),
            Self::Verify(_) => (&[Purpose::Verify], false),
            Self::Held(_) => (&[Purpose::Held], false),
            Self::Show(_) => (&[Purpose::Show], false),
            Self::Release(_) => (&[Purpose::Release], false),
            Self::Discard(_) => (&[Purpose::Discard], false),
            Self::Judge(_) => (&[Purpose::Judge], false),
            Self::Report(_) => (&[Purpose::Report], false),
            Self::List => (&[Purpose::List], false),
            Self::Gc(gc) => (&[Purpose::Gc], gc.delete_data),
        };
        for purpose in purposes.iter().filter_map(ValueEnum::to_possible_value) {
            invocation.policy("--for", Some(purpose.get_name().to_owned()));
        }
        let existing_key = matches!(self, Self::Policy(policy) if policy.rights.existing_key);
        let flags = [("--delete-data", delete_data), ("--existing-key", existing_key)];
        flags.iter().filter(|flag| flag.1).for_each(|flag| invocation.policy(flag.0, None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    /// What decides what a run does is in the command that is to be run next: without `--keep-vault` it would delete what was
    /// to be kept.
    #[test]
    fn a_hint_has_the_options_of_the_run() {
        let hint = "`cvault up` `cvault down` `cvault status`";
        for (line, completed) in [
            ("up --stack s", "`cvault up --stack s` `cvault down --stack s` `cvault status --stack s`"),
            ("up --id i", "`cvault up --id i` `cvault down --id i` `cvault status --id i`"),
            ("down --region r", "`cvault up --region r` `cvault down --region r` `cvault status --region r`"),
            ("down --profile p", "`cvault up --profile p` `cvault down --profile p` `cvault status --profile p`"),
            (
                "status --expect-account 123456789012",
                "`cvault up --expect-account 123456789012` `cvault down --expect-account 123456789012` \
                 `cvault status --expect-account 123456789012`",
            ),
            (
                "status --config a.toml",
                "`cvault up --config a.toml` `cvault down --config a.toml` `cvault status --config a.toml`",
            ),
            ("up --macie off", "`cvault up --macie off` `cvault down --macie off` `cvault status --macie off`"),
            ("up --tag a=b", "`cvault up --tag a=b` `cvault down` `cvault status --tag a=b`"),
            ("up --email a@example.com", "`cvault up --email a@example.com` `cvault down` `cvault status`"),
            ("up --adopt key", "`cvault up --adopt key` `cvault down` `cvault status`"),
            ("up --adopt", "`cvault up --adopt` `cvault down` `cvault status`"),
            ("up --enable-macie", "`cvault up --enable-macie` `cvault down` `cvault status`"),
            ("up --prune-emails", "`cvault up --prune-emails` `cvault down` `cvault status`"),
            ("up --downgrade", "`cvault up --downgrade` `cvault down` `cvault status`"),
            ("up --expires never", "`cvault up --expires never` `cvault down` `cvault status`"),
            ("down --keep-vault", "`cvault up` `cvault down --keep-vault` `cvault status`"),
            ("down --delete-data", "`cvault up` `cvault down --delete-data` `cvault status`"),
            ("down --delete-data --yes", "`cvault up` `cvault down --delete-data --yes` `cvault status`"),
            ("down --yes", "`cvault up` `cvault down` `cvault status`"),
            ("down --dry-run", "`cvault up` `cvault down` `cvault status`"),
        ] {
            let cli = Cli::try_parse_from(["cvault"].into_iter().chain(line.split(' '))).unwrap();
            assert_eq!(cli.invocation().complete(hint), completed, "{line}");
        }
    }

    #[test]
    fn what_is_about_several_stacks_names_the_one() {
        let cli = Cli::try_parse_from(["cvault", "gc", "--delete-data", "--region", "r"]).unwrap();
        let completed = cli.invocation().of_stack("s", "i").complete("`cvault gc` `cvault down`");
        assert_eq!(
            completed,
            "`cvault gc --stack s --id i --region r --delete-data` `cvault down --stack s --id i --region r --delete-data`"
        );
    }
}
