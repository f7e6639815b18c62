//! Four eyes: what one identity asks for, another one confirms.
//!
//! Whether that is wanted is what the deployed policy says, or the configuration where it is stricter: who has no
//! `cvault.toml` at hand decides nothing alone by that. An identity is what `aws:PrincipalArn` is, since the policies compare
//! that: a user, or a role with all its sessions.

use crate::aws::{Kind, Refusal, explained};
use crate::commands::Session;
use crate::commands::interruption::reading;
use crate::commands::principal::{role_arn, role_of};
use crate::deploy::event::Event;
use crate::outcome::failure::Failure;
use crate::outcome::row::{Request, Settling};
use crate::vault::names::Zone;
use crate::vault::requests;
use crate::vault::resources::bucket::s3_settings::{Reads, is_without_bucket};
use anyhow::{Result, bail};

/// Who looks, where two have to.
#[derive(Clone, Debug)]
pub struct Eyes {
    /// The identity, as `aws:PrincipalArn` has it.
    pub(super) me: String,
}

/// Whose turn it is with a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nobody has asked yet: this identity does.
    Ask,
    /// Another one has asked for this: it is done.
    Confirm(Request),
    /// This identity has asked for it, and cannot confirm that.
    Wait(Request),
    /// Somebody has asked for something else.
    Other(Request),
    /// The request is taken back.
    Withdraw(Request),
    /// There is no request to take back.
    Nothing,
}

impl Eyes {
    /// Who looks; `None` where one identity decides.
    ///
    /// # Errors
    /// It cannot be found out, or no tag can say who it is.
    pub async fn of(session: &Session) -> Result<Option<Self>> {
        let look = async {
            if !are_wanted(session).await? {
                return Ok(None);
            }
            principal(session).await.map(Some)
        };
        let Some(me) = reading(&session.aws, "whether two have to want it", Box::pin(look)).await? else {
            return Ok(None);
        };
        if !requests::fits(&me) {
            bail!(Failure::refused(
                "request or confirm anything",
                format!("a request is a tag with who makes it, and S3 takes no tag {me:?}"),
                "use a role or user whose ARN has at most 256 letters, digits and + - = . _ : / @"
            ));
        }
        Ok(Some(Self { me }))
    }

    /// Whose turn it is with a version of which this is requested, where that is wanted, or to be wanted no more.
    pub(super) fn turn(&self, action: Settling, withdraw: bool, request: Option<&Request>) -> Turn {
        match (request.cloned(), withdraw) {
            (None, false) => Turn::Ask,
            (Some(request), true) if request.action == action => Turn::Withdraw(request),
            (_, true) => Turn::Nothing,
            (Some(request), false) if request.action != action => Turn::Other(request),
            (Some(request), false) if request.by == self.me => Turn::Wait(request),
            (Some(request), false) => Turn::Confirm(request),
        }
    }
}

/// Whether two have to want it.
async fn are_wanted(session: &Session) -> Result<bool> {
    if session.settings.vault.has_four_eyes() {
        return Ok(true);
    }
    let (bucket, owner) = (session.names.bucket(Zone::Analytics), &session.names.account);
    let reads = Reads { s3: &session.aws.s3, bucket: &bucket, owner };
    let names_requests = |statement: &serde_json::Value| statement.to_string().contains(requests::BY);
    match reads.policy().await {
        Ok(policy) => Ok(policy.is_some_and(|policy| policy.statements().any(|(_, it)| names_requests(it)))),
        // Whatever is read of it next says so.
        Err(error) if error.downcast_ref().is_some_and(is_without_bucket) => Ok(false),
        Err(error) if error.downcast_ref::<Refusal>().is_some_and(|refusal| refusal.kind() == Kind::Denied) => {
            let text = format!(
                "the policy of {bucket} could not be read (s3:GetBucketPolicy), which says whether two have to want \
                 this: one is taken to be enough, as vault.approvals says"
            );
            session.events.send(Event::Note { text });
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Who we are, as `aws:PrincipalArn` has it.
async fn principal(session: &Session) -> Result<String> {
    let Some(role) = role_of(&session.caller) else { return Ok(session.caller.clone()) };
    role_arn(session, role).await.map_err(|error| {
        let Failure { what, why, .. } = explained(&error);
        let fix = "grant iam:GetRole on it (`cvault policy` prints what the command needs), or name the role in \
                   vault.releasers of the configuration: a request says who makes it, with the role's path";
        Failure::new(what, why, fix).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: &str = "arn:aws:iam::123456789012:role/ana";
    const BOB: &str = "arn:aws:iam::123456789012:role/bob";

    fn turn(me: &str, action: Settling, withdraw: bool, request: Option<(&str, Settling)>) -> Turn {
        let request = request.map(|(by, action)| of(by, action));
        Eyes { me: me.into() }.turn(action, withdraw, request.as_ref())
    }

    fn of(by: &str, action: Settling) -> Request {
        Request { action, by: by.into(), at: "2026-11-28T12:00:00Z".into(), reason: "r".into() }
    }

    #[test]
    fn one_asks_and_another_confirms() {
        for action in [Settling::Release, Settling::Discard] {
            let asked = Some((ANA, action));
            assert_eq!(turn(ANA, action, false, None), Turn::Ask);
            assert_eq!(turn(ANA, action, false, asked), Turn::Wait(of(ANA, action)));
            assert_eq!(turn(BOB, action, false, asked), Turn::Confirm(of(ANA, action)));
            assert_eq!(turn(BOB, action, true, asked), Turn::Withdraw(of(ANA, action)));
            assert_eq!(turn(ANA, action, true, None), Turn::Nothing);
        }
        let asked = Some((ANA, Settling::Release));
        assert_eq!(turn(BOB, Settling::Discard, false, asked), Turn::Other(of(ANA, Settling::Release)));
        assert_eq!(turn(BOB, Settling::Discard, true, asked), Turn::Nothing);
    }
}
