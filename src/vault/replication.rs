//! Where S3 is to copy what is stored: what it would refuse, or never copy, is refused before.

use crate::deploy::plan::Plan;
use crate::outcome::failure::Failure;
use crate::vault::names::{Names, Zone};
use crate::vault::resources::bucket::s3_replication::another_role;
use crate::vault::settings::Replication;
use crate::vault::steps;
use anyhow::{Result, bail};

/// Refuses a destination and a role that cannot be those of this stack, and a role that rules of others have not.
///
/// # Errors
/// It is such: nothing was changed.
pub fn guard(names: &Names, declared: Option<&Replication>, plan: &Plan) -> Result<()> {
    let Some(declared) = declared else { return Ok(()) };
    let Replication { bucket, role, kms_key, account, .. } = declared;
    let own = Zone::ALL.into_iter().flat_map(|zone| [names.bucket_arn(zone), names.own_bucket_arn(zone)]);
    if own.into_iter().any(|own| own == *bucket) {
        bail!(Failure::usage(
            format!("replicate the vault into {bucket}"),
            "it is a bucket of this stack: a copy there protects nothing, and one in ingress would be judged again",
            "set vault.replication.bucket to another bucket, best of another account or region"
        ));
    }
    let here = format!("arn:{}:iam::{}:", names.partition, names.account);
    if !role.starts_with(&here) {
        bail!(Failure::usage(
            format!("replicate the vault as {role}"),
            format!("the vault is in account {}, and S3 is handed a role of that account only", names.account),
            "set vault.replication.role to a role of the vault's account"
        ));
    }
    if account.as_ref() == Some(&names.account) {
        bail!(Failure::usage(
            format!("replicate the vault into account {}", names.account),
            "it is the vault's own, which owns the copies there without being told",
            "leave vault.replication.account out: it is for a bucket of another account"
        ));
    }
    let partition = format!("arn:{}:", names.partition);
    if let Some(elsewhere) = [bucket, kms_key].into_iter().find(|arn| !arn.starts_with(&partition)) {
        bail!(Failure::usage(
            format!("replicate the vault to {elsewhere}"),
            format!("the vault is in the partition {}, and S3 copies to no other", names.partition),
            "set vault.replication.bucket and kms_key to those of a bucket in this partition"
        ));
    }
    let observed = plan.step(&steps::bucket(Zone::Vault)).and_then(|step| step.observed.as_ref());
    let found = observed.map(|observed| &observed["Replication"]);
    match found.and_then(|found| found["RoleOfOthers"].as_str()) {
        Some(theirs) => bail!(another_role(theirs, role)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the guard says of a destination, a role and a key.
    fn refused(bucket: &str, role: &str, kms_key: &str) -> Option<String> {
        refused_in(None, [bucket, role, kms_key])
    }

    fn refused_in(account: Option<&str>, [bucket, role, kms_key]: [&str; 3]) -> Option<String> {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let plan = Plan::new(&names.identity(), vec![]);
        let [bucket, role, kms_key] = [bucket, role, kms_key].map(str::to_owned);
        let declared = Replication { bucket, role, kms_key, account: account.map(str::to_owned), storage_class: None };
        guard(&names, Some(&declared), &plan).err().map(|error| error.to_string())
    }

    #[test]
    fn only_to_another_bucket_by_a_role_of_this_account() {
        let bucket = "arn:aws:s3:::acme-vault-copy";
        let role = "arn:aws:iam::123456789012:role/replicate";
        let key = "arn:aws:kms:eu-central-1:210987654321:key/0a1b";
        assert_eq!(refused(bucket, role, key), None);
        for zone in ["ingress", "analytics", "vault"] {
            let own = format!("arn:aws:s3:::cv-{zone}-zone-x");
            assert!(refused(&own, role, key).unwrap().contains("bucket of this stack"), "{zone}");
        }
        assert!(
            refused_in(Some("123456789012"), [bucket, role, key]).unwrap().contains("leave vault.replication.account")
        );
        assert_eq!(refused_in(Some("210987654321"), [bucket, role, key]), None);
        let other = "arn:aws:iam::210987654321:role/replicate";
        assert!(refused(bucket, other, key).unwrap().contains("account 123456789012"));
        for (bucket, key) in
            [("arn:aws-cn:s3:::acme-vault-copy", key), (bucket, "arn:aws-cn:kms:cn-north-1:210987654321:key/0a1b")]
        {
            assert!(refused(bucket, role, key).unwrap().contains("partition aws"), "{bucket} {key}");
        }
    }
}
