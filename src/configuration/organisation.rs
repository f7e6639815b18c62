//! What an organization's rules ask for: what of it AWS would not take.

use super::mistake::Mistake;
use crate::vault::names::{Names, Zone, is_account};
use crate::vault::resources::lambda_options::is_like;
use crate::vault::settings::{FunctionSettings, Settings};

/// How no bucket may begin (truths S31).
const RESERVED: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];

/// What is wrong with the rules.
pub(super) fn mistakes(settings: &Settings) -> Vec<Mistake> {
    let iam = &settings.iam;
    let boundary = iam.permissions_boundary.as_deref().filter(|arn| !is_policy(arn)).map(|boundary| {
        let fix = "a policy's ARN, such as arn:aws:iam::123456789012:policy/boundary";
        of("iam.permissions_boundary", boundary, "it is not the ARN of a managed policy", fix)
    });
    let path = (!is_path(&iam.path)).then(|| {
        let fix = "a slash at both ends, such as /ci/vault/, and 512 characters at most";
        of("iam.path", &iam.path, "IAM takes no such path", fix)
    });
    // The id is derived, and has 8 digits, where it is not declared.
    let names = Names { id: settings.id.clone().unwrap_or_else(|| "0".repeat(8)), ..settings.names("aws", "", "") };
    boundary
        .into_iter()
        .chain(path)
        .chain(role_prefix(&names))
        .chain(bucket_prefix(&names))
        .chain(function(&settings.function))
        .collect()
}

fn function(function: &FunctionSettings) -> Vec<Mistake> {
    let FunctionSettings {
        memory_mb,
        reserved_concurrency,
        subnet_ids,
        security_group_ids,
        code_signing_config_arn,
        keep_layers,
        keep_variables,
    } = function;
    let mut mistakes = vec![];
    if !(512..=10_240).contains(memory_mb) {
        let why = "Lambda takes no more, and files are not judged with less";
        mistakes.push(Mistake::of("function.memory_mb", memory_mb, why, "512 to 10240"));
    }
    if let Some(reserved) = reserved_concurrency.filter(|reserved| *reserved < 1) {
        let why = "no file would be judged";
        mistakes.push(Mistake::of("function.reserved_concurrency", reserved, why, "1 or more, or leave it out"));
    }
    if subnet_ids.is_empty() != security_group_ids.is_empty() {
        let missing = if subnet_ids.is_empty() { "function.subnet_ids" } else { "function.security_group_ids" };
        mistakes.push(of(missing, "", "a place in a VPC is subnets and security groups", "declare both, or none"));
    }
    let ids =
        [("function.subnet_ids", subnet_ids, "subnet-"), ("function.security_group_ids", security_group_ids, "sg-")];
    for (key, ids, begin) in ids {
        let is_id = |id: &&String| {
            id.strip_prefix(begin)
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
        };
        for id in ids.iter().filter(|id| !is_id(id)) {
            mistakes.push(of(key, id, "EC2 has no such id", &format!("an id such as {begin}0a1b2c3d4e5f60718")));
        }
    }
    if let Some(arn) = code_signing_config_arn.as_deref().filter(|arn| !is_code_signing_config(arn)) {
        let fix = "an ARN such as arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0a1b2c3d4e5f60718";
        mistakes.push(of(
            "function.code_signing_config_arn",
            arn,
            "it is not the ARN of a code signing configuration",
            fix,
        ));
    }
    for (key, patterns) in [("function.keep_layers", keep_layers), ("function.keep_variables", keep_variables)] {
        let is_pattern = |pattern: &&String| {
            !pattern.is_empty() && !pattern[..pattern.len() - 1].contains('*') && !pattern.contains('?')
        };
        for pattern in patterns.iter().filter(|pattern| !is_pattern(pattern)) {
            mistakes.push(of(
                key,
                pattern,
                "a * can stand at the end only",
                "the whole name, or its beginning and a *",
            ));
        }
    }
    // They are the function's own, whatever stays.
    for own in Zone::ALL.map(|zone| format!("{zone}_bucket")) {
        if let Some(pattern) = keep_variables.iter().find(|pattern| is_like(pattern, &own)) {
            mistakes.push(of(
                "function.keep_variables",
                pattern,
                &format!("it takes cvault's own {own} in"),
                "a narrower name",
            ));
            break;
        }
    }
    mistakes
}

fn of(key: &str, value: &str, why: &str, fix: &str) -> Mistake {
    Mistake::of(key, format!("{value:?}"), why, fix)
}

fn role_prefix(names: &Names) -> Option<Mistake> {
    let (prefix, name) = (&names.role_prefix, names.role("orchestrator"));
    let is_taken = prefix.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c));
    let room = 64_usize.saturating_sub(name.len() - prefix.len());
    (!is_taken || prefix.len() > room).then(|| {
        let fix = format!("up to {room} letters, digits and _ + = , . @ -");
        of("iam.role_prefix", prefix, &format!("IAM takes no role of the name {name}"), &fix)
    })
}

fn bucket_prefix(names: &Names) -> Option<Mistake> {
    let (prefix, name) = (&names.bucket_prefix, names.own_bucket(Zone::Analytics));
    let is_taken = prefix.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let begins = !prefix.starts_with('-') && !RESERVED.iter().any(|begin| prefix.starts_with(begin));
    let room = 63_usize.saturating_sub(name.len() - prefix.len());
    (!is_taken || !begins || prefix.len() > room).then(|| {
        let fix = format!("up to {room} lower-case letters, digits and dashes, and no dash first");
        of("buckets.prefix", prefix, &format!("S3 takes no bucket of the name {name}"), &fix)
    })
}

fn is_policy(arn: &str) -> bool {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, name] = parts[..] else { return false };
    let is_owner = account == "aws" || is_account(account);
    let named = name.strip_prefix("policy/").is_some_and(|name| !name.is_empty() && !name.contains(['*', '?', ' ']));
    !partition.is_empty() && is_owner && named
}

/// Lambda assigns the id: 17 characters.
fn is_code_signing_config(arn: &str) -> bool {
    let parts: Vec<_> = arn.splitn(8, ':').collect();
    let ["arn", partition, "lambda", region, account, "code-signing-config", id] = parts[..] else { return false };
    let is_taken = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_id = id.strip_prefix("csc-").is_some_and(|id| id.len() == 17 && id.bytes().all(is_taken));
    !partition.is_empty() && !region.is_empty() && is_account(account) && is_id
}

/// `/`, or words between slashes.
fn is_path(path: &str) -> bool {
    let is_taken = path.bytes().all(|b| (0x21..=0x7e).contains(&b) && !b"*?".contains(&b));
    let ends = path.starts_with('/') && path.ends_with('/');
    ends && is_taken && !path.contains("//") && path.len() <= 512 && !path.starts_with("/aws-service-role/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::settings::{BucketSettings, IamSettings};

    fn keys(change: impl FnOnce(&mut Settings)) -> Vec<String> {
        let mut settings = Settings::default();
        change(&mut settings);
        mistakes(&settings).into_iter().filter_map(|mistake| mistake.key).collect()
    }

    #[test]
    fn what_aws_takes_is_taken() {
        let [boundary, path, role_prefix] =
            ["arn:aws-cn:iam::123456789012:policy/a/b", "/ci/vault/", "ACME_x+="].map(str::to_owned);
        let iam = IamSettings { permissions_boundary: Some(boundary), path, role_prefix };
        let buckets = BucketSettings { prefix: "acme-".into(), ..BucketSettings::default() };
        assert!(keys(|settings| *settings = Settings { iam, buckets, ..Settings::default() }).is_empty());
        let aws = "arn:aws:iam::aws:policy/PowerUserAccess".to_owned();
        assert!(keys(|settings| settings.iam.permissions_boundary = Some(aws)).is_empty());
    }

    #[test]
    fn a_function_that_could_not_be_is_said() {
        let of = |change: fn(&mut FunctionSettings)| keys(|settings| change(&mut settings.function));
        assert_eq!(of(|it| it.memory_mb = 128), ["function.memory_mb"]);
        assert_eq!(of(|it| it.reserved_concurrency = Some(0)), ["function.reserved_concurrency"]);
        assert_eq!(of(|it| it.subnet_ids = vec!["subnet-0a1b".into()]), ["function.security_group_ids"]);
        assert_eq!(of(|it| it.security_group_ids = vec!["sg-0a1b".into()]), ["function.subnet_ids"]);
        let both = |it: &mut FunctionSettings| {
            (it.subnet_ids, it.security_group_ids) = (vec!["sub".into()], vec!["sg-".into()]);
        };
        assert_eq!(of(both), ["function.subnet_ids", "function.security_group_ids"]);
        let signing = |arn: &str| keys(|it| it.function.code_signing_config_arn = Some(arn.into()));
        let arn = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0a1b2c3d4e5f60718";
        assert!(signing(arn).is_empty());
        for wrong in
            ["csc-0a1b2c3d4e5f60718", "", &arn[..arn.len() - 1], &arn.replace("lambda", "signer"), &format!("{arn}:1")]
        {
            assert_eq!(signing(wrong), ["function.code_signing_config_arn"], "{wrong}");
        }
        assert_eq!(of(|it| it.keep_layers = vec!["a*b".into(), String::new()]), ["function.keep_layers"; 2]);
        assert_eq!(of(|it| it.keep_variables = vec!["*".into()]), ["function.keep_variables"]);
        assert_eq!(of(|it| it.keep_variables = vec!["vault_bucket".into()]), ["function.keep_variables"]);
        assert!(of(|it| it.keep_variables = vec!["DD_*".into(), "AWS_LAMBDA_EXEC_WRAPPER".into()]).is_empty());
    }

    #[test]
    fn what_aws_does_not_take_is_said() {
        for wrong in
            ["boundary", "", "arn:aws:iam::123456789012:role/x", "arn:aws:iam::1:policy/x", "arn:aws:iam::aws:policy/*"]
        {
            assert_eq!(
                keys(|it| it.iam.permissions_boundary = Some(wrong.into())),
                ["iam.permissions_boundary"],
                "{wrong}"
            );
        }
        for wrong in ["", "ci", "/ci", "ci/", "//", "/a b/", "/ä/", "/aws-service-role/x/", "/*/"] {
            assert_eq!(keys(|it| it.iam.path = wrong.into()), ["iam.path"], "{wrong}");
        }
        for wrong in ["a b", "a/", &"r".repeat(32)] {
            assert_eq!(keys(|it| it.iam.role_prefix = wrong.into()), ["iam.role_prefix"], "{wrong}");
        }
        for wrong in ["-a", "A", "a.b", "a_b", "xn--a", "sthree-x", &"b".repeat(38)] {
            assert_eq!(keys(|it| it.buckets.prefix = wrong.into()), ["buckets.prefix"], "{wrong}");
        }
        let long = |it: &mut Settings| {
            it.id = Some("x".repeat(32));
            it.buckets.prefix = "b".repeat(14);
        };
        assert_eq!(keys(long), ["buckets.prefix"]);
    }
}
