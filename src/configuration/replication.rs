//! Where S3 is to copy what is stored: what of it cannot be meant.

use super::existing::{is_bucket, is_key};
use super::mistake::Mistake;
use crate::vault::names::is_account;
use crate::vault::settings::Replication;

/// Where copies may be stored, left out where the object is; one zone alone is no copy to rely on.
const CLASSES: [&str; 6] = ["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];

/// What is wrong with it.
pub(super) fn mistakes(declared: Option<&Replication>) -> Vec<Mistake> {
    let Some(Replication { bucket, role, kms_key, account, storage_class }) = declared else { return vec![] };
    let of = |key: &str, value: &str, why: &str, fix: &str| {
        Mistake::of(&format!("vault.replication.{key}"), format!("{value:?}"), why, fix)
    };
    let mut mistakes = vec![];
    if !is_bucket_arn(bucket) {
        mistakes.push(of(
            "bucket",
            bucket,
            "it is not the ARN of a bucket",
            "an ARN such as arn:aws:s3:::acme-vault-copy",
        ));
    }
    if !is_role_arn(role) {
        let fix = "the ARN of a role that you have made for it, such as arn:aws:iam::123456789012:role/replicate-vault";
        mistakes.push(of("role", role, "it is not the ARN of a role", fix));
    }
    if kms_key.starts_with("alias/") || !is_key(kms_key) {
        let why = "it is not the ARN of a key, and S3 copies what KMS has encrypted only with one";
        let fix = "the ARN of a key in the destination's region, such as \
                   arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab";
        mistakes.push(of("kms_key", kms_key, why, fix));
    }
    if let Some(account) = account.as_ref().filter(|account| !is_account(account)) {
        let fix = "the 12 digits of the destination's account, or leave it out";
        mistakes.push(of("account", account, "no account has such a number", fix));
    }
    if let Some(class) = storage_class.as_ref().filter(|class| !CLASSES.contains(&class.as_str())) {
        let fix = format!("one of {}, or leave it out", CLASSES.join(", "));
        mistakes.push(of("storage_class", class, "a vault is not copied there", &fix));
    }
    mistakes
}

fn is_bucket_arn(arn: &str) -> bool {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["arn", partition, "s3", "", "", name] = parts[..] else { return false };
    !partition.is_empty() && is_bucket(name)
}

fn is_role_arn(arn: &str) -> bool {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, name] = parts[..] else { return false };
    // A path may stand before the name, and has other characters.
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@-_/".contains(&byte);
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_taken) && !name.ends_with('/');
    !partition.is_empty() && is_account(account) && name.strip_prefix("role/").is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(change: impl FnOnce(&mut Replication)) -> Vec<String> {
        let mut declared = Replication {
            bucket: "arn:aws:s3:::acme-vault-copy".into(),
            role: "arn:aws:iam::123456789012:role/replicate-vault".into(),
            kms_key: "arn:aws:kms:eu-central-1:210987654321:key/0a1b2c3d".into(),
            account: None,
            storage_class: None,
        };
        change(&mut declared);
        mistakes(Some(&declared)).into_iter().filter_map(|mistake| mistake.key).collect()
    }

    #[test]
    fn what_can_be_meant_passes() {
        assert!(mistakes(None).is_empty() && keys(|_| {}).is_empty());
        assert!(keys(|it| it.role = "arn:aws-cn:iam::123456789012:role/ci/x+y=1,2.@_-".into()).is_empty());
        assert!(keys(|it| it.account = Some("210987654321".into())).is_empty());
        for class in CLASSES {
            assert!(keys(|it| it.storage_class = Some(class.into())).is_empty(), "{class}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for wrong in
            ["", "acme-vault-copy", "arn:aws:s3:::", "arn:aws:s3:::Copy", "arn:aws:s3:::copy/a", "arn:aws:s3:::*"]
        {
            assert_eq!(keys(|it| it.bucket = wrong.into()), ["vault.replication.bucket"], "{wrong}");
        }
        for wrong in [
            "",
            "replicate-vault",
            "arn:aws:iam::123456789012:user/replicate",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/rep*",
            "arn:aws:iam::*:role/replicate",
            "arn:aws:sts::123456789012:assumed-role/replicate/session",
        ] {
            assert_eq!(keys(|it| it.role = wrong.into()), ["vault.replication.role"], "{wrong}");
        }
        for wrong in ["", "alias/copy", "0a1b2c3d", "arn:aws:kms:eu-central-1:210987654321:alias/copy"] {
            assert_eq!(keys(|it| it.kms_key = wrong.into()), ["vault.replication.kms_key"], "{wrong}");
        }
        assert_eq!(keys(|it| it.account = Some("1".into())), ["vault.replication.account"]);
        for wrong in ["", "ONEZONE_IA", "REDUCED_REDUNDANCY", "glacier"] {
            let found = keys(|it| it.storage_class = Some(wrong.into()));
            assert_eq!(found, ["vault.replication.storage_class"], "{wrong}");
        }
    }
}
