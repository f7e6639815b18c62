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
            Self::Policy(policy) => (&policy.purposes, policy.delete_data),
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
        let existing_key = matches!(self, Self::Policy(policy) if policy.existing_key);
        let flags = [("--delete-data", delete_data), ("--existing-key", existing_key)];
        flags.iter().filter(|flag| flag.1).for_each(|flag| invocation.policy(flag.0, None));
    }
}
