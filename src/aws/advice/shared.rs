//! What both tables of advice say, and what a row of them is.

/// A code (any, if empty; `*` before it stands for any beginning), parts of the message that must all be in
/// it, the advice.
pub type Row = (&'static str, &'static [&'static str], &'static str);

pub(super) const CLOCK: &str =
    "this machine's clock is wrong: set it (`timedatectl set-ntp true`), then run the same command again";
pub(super) const ROLE: &str = "the role's trust policy must let this identity assume it, and a policy of this identity must allow \
    sts:AssumeRole on it; where the trust policy wants MFA, add mfa_serial to the profile";
pub(super) const NOT_ENABLED: &str = "the account has not enabled this region: enable it (`aws account enable-region --region-name …`, \
    which takes minutes), or choose another --region";
