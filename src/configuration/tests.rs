//! What a command line and a file make of each other, and what is refused.

use super::for_command_line;
use crate::aws::explained;
use crate::cli::Cli;
use crate::outcome::failure::Exit;
use crate::outcome::failure::Failure;
use crate::vault::settings::{ExpressSettings, IngressSettings, MacieMode as Macie, MacieSettings, Selector, Settings};
use anyhow::Result;
use clap::Parser;
use contract::{IngressRules, PrefixNotices, Rules};

fn settings(line: &[&str], file: Option<&str>) -> Result<Settings> {
    let path =
        std::env::temp_dir().join(format!("cvault-{}-{:?}.toml", std::process::id(), std::thread::current().id()));
    let mut line: Vec<_> = ["cvault"].iter().chain(line).map(ToString::to_string).collect();
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
        line.extend(["--config".into(), path.display().to_string()]);
    }
    let settings = for_command_line(&Cli::try_parse_from(line).unwrap());
    let _ = std::fs::remove_file(path);
    settings
}

fn failure(line: &[&str], file: Option<&str>) -> Failure {
    let failure = explained(&settings(line, file).unwrap_err());
    assert_eq!(failure.exit, Exit::Usage);
    failure
}

/// The README's configuration file: every key is in it.
fn whole() -> &'static str {
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("\n## Configuration\n").unwrap();
    section.split_once("```toml\n").unwrap().1.split_once("\n```\n").unwrap().0
}

#[test]
fn the_file_in_the_readme() {
    let settings = settings(&["status"], Some(whole())).unwrap();
    assert_eq!((settings.stack(), settings.id.as_deref()), ("cyber-vault", Some("prod")));
    assert_eq!(settings.vault.object_lock.as_ref().unwrap().days, 30);
    assert!(settings.vault.replication.as_ref().is_some_and(|it| it.account.is_some() && it.storage_class.is_some()));
    assert_eq!((settings.macie.mode, settings.macie.managed_identifiers), (Macie::Auto, Selector::Exclude));
    let rules = settings.rules();
    assert_eq!(rules.accepted_formats.as_ref().map(Vec::len), Some(15), "all of them");
    assert_eq!(rules.custom_identifiers[0].severity_levels.len(), 2);
    assert!(!settings.delete_data);
    // Apart from what it shows for the sake of showing, it is the default.
    let defaults = Rules { accepted_formats: rules.accepted_formats.clone(), ..Rules::default() };
    assert_eq!(Rules { custom_identifiers: vec![], prefixes: vec![], ..rules }, defaults);
    let rules = settings.ingress.rules();
    assert_eq!(
        (rules.ignored_below.len(), &rules.ignored_below[0].prefix),
        (1, &settings.ingress.prefixes[0].rules.prefix)
    );
    let (pairs, ignored_below) = (rules.pairs.clone(), rules.ignored_below.clone());
    assert_eq!(rules, IngressRules { pairs, ignored_below, ..IngressSettings::default().rules() });
    assert_eq!(settings.macie.max_hours, MacieSettings::default().max_hours);
    assert_eq!(settings.ingress.ignore, IngressSettings::default().ignore);
    assert_eq!(settings.express.max_bytes, ExpressSettings::default().max_bytes);
}

/// A key that the README does not name is known to nobody.
#[test]
fn the_readme_names_every_key() {
    let keys = [
        ["stack", "id", "region", "profile", "expect_account", "emails"].as_slice(),
        &[
            "retention_days",
            "class",
            "noncurrent_days",
            "releasers",
            "approvals",
            "deployers",
            "legal_holders",
            "object_lock",
            "deletion_window_days",
        ],
        &["expire_days", "transition", "readers"],
        &["bucket", "role", "kms_key", "account", "storage_class"],
        &[
            "enabled",
            "interval_minutes",
            "ignore",
            "settle_seconds",
            "pairs",
            "unchanged",
            "writers",
            "sources",
            "kms_keys",
            "permissions_boundary",
            "path",
            "role_prefix",
            "prefix",
        ],
        &["each_up_to", "window_seconds", "https", "sqs", "prune_emails", "topic", "key", "log_groups", "buckets"],
        &[
            "executions",
            "dead_letters",
            "notices",
            "macie_queue",
            "unjudged",
            "sweeps",
            "errors",
            "throttles",
            "dashboard",
        ],
        &["memory_mb", "reserved_concurrency", "subnet_ids", "security_group_ids", "keep_layers", "keep_variables"],
        &["code_signing_config_arn"],
        &["accepted_formats", "encodings", "max_bytes", "max_expanded_bytes", "max_levels", "max_ratio", "block_at"],
        &["name", "regex", "keywords", "maximum_match_distance", "ignore_words", "severity_levels"],
        &["mode", "managed_identifiers", "managed_identifier_ids", "max_hours"],
    ];
    for key in keys.concat() {
        assert!(whole().lines().any(|line| line.starts_with(&format!("{key} = "))), "{key}");
    }
}

#[test]
fn addresses_are_sorted_and_there_once() {
    let file = "emails = [\"b@example.com\", \"a@example.com\", \"A@example.com\"]";
    assert_eq!(settings(&["status"], Some(file)).unwrap().emails, ["a@example.com", "b@example.com"]);
}

#[test]
fn a_flag_wins_over_the_file() {
    let settings = settings(&["up", "--stack", "other", "--email", "c@example.com", "--macie", "off"], Some(whole()));
    let settings = settings.unwrap();
    assert_eq!(settings.stack(), "other");
    assert_eq!(settings.emails, ["c@example.com"]);
    assert_eq!(settings.macie.mode, Macie::Off);
}

#[test]
fn to_enable_macie_is_to_want_it() {
    let of = |line: &[&str]| {
        let settings = settings(line, Some(whole())).unwrap();
        (settings.macie.mode, settings.enable_macie)
    };
    assert_eq!(of(&["up", "--enable-macie"]), (Macie::On, true));
    assert_eq!(of(&["up", "--enable-macie", "--macie", "auto"]), (Macie::On, true));
    assert_eq!(of(&["up", "--macie", "on"]), (Macie::On, false));
    failure(&["up", "--enable-macie", "--macie", "off"], None);
}

#[test]
fn addresses_are_pruned_only_where_somebody_is_declared() {
    let prunes = |line: &[&str], file| settings(line, Some(file)).unwrap().prunes_emails();
    assert!(prunes(&["up", "--prune-emails", "--email", "a@example.com"], ""));
    assert!(prunes(&["up"], "emails = ['a@example.com']\n[notify]\nprune_emails = true"));
    assert!(prunes(&["up", "--prune-emails"], "[notify]\nhttps = ['https://example.com/']"));
    assert!(!prunes(&["status"], "[notify]\nprune_emails = true"), "those of `up --email` are not known here");
    assert!(!prunes(&["up"], "emails = ['a@example.com']"));
    let told = failure(&["up", "--prune-emails"], Some(""));
    assert!(told.why.contains("nobody would be told"), "{told}");
    let told = failure(&["status"], Some("[notify]\nhttps = ['http://example.com/']"));
    assert!(told.why.contains("line 2"), "{told}");
}

#[test]
fn tags_of_the_command_line_are_added_to_those_of_the_file() {
    let tags =
        settings(&["up", "--tag", "Owner=dev,Stage=test"], Some("[tags]\nOwner = 'ops'\nCost = '1'")).unwrap().tags;
    let expected = [("Cost", "1"), ("Owner", "dev"), ("Stage", "test")];
    assert_eq!(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>(), expected);
    let told = failure(&["status"], Some("[tags]\n\"aws:x\" = 'y'"));
    assert!(told.why.contains("line 2") && told.why.contains("for itself"), "{told}");
    failure(&["up", "--tag", "Owner"], None);
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let failure = failure(&["status"], Some("stack = \"a\"\nregoin = \"eu-west-1\"\n"));
    assert!(failure.why.contains("regoin") && failure.why.contains("line 2"), "{failure}");
}

/// All of them in one run, each with its place and what was meant.
#[test]
fn all_mistakes_are_told_at_once() {
    let file = "\
regoin = \"eu-west-1\"
email = \"a@b.de\"
macie = \"off\"

[logs]
retention_days = 45
stack = \"x\"

[buckets]
deletion_window_days = 7

[integrity]
max_bytes = \"10 apples\"
accepted_formats = [\"cvs\", \"json\", \"xls\"]

[vault.object_lock]
mode = \"GOVERNANCE\"

[[sensitive.custom_identifiers]]
name = \"Badge\"

[[sensitive.custom_identifiers]]
name = \"Room\"
regex = \"a\"
keyword = []
";
    let failure = failure(&["status"], Some(file));
    let places = [
        (":1:1: use the key regoin: unknown field", "did you mean `region`?"),
        (":2:1: use the key email: unknown field", "did you mean `emails`?"),
        (":3:9: use macie = \"off\": `macie` is a section", "write `[macie]`, and below it `mode = \"off\"`"),
        (":6:18: use logs.retention_days = 45: CloudWatch Logs does not take it", "30 is the nearest"),
        (":7:1: use the key logs.stack: unknown field", "move it above `[logs]`"),
        (":10:1: use the key buckets.deletion_window_days", "write it below `[key]`"),
        (":13:13: use integrity.max_bytes = \"10 apples\"", "10GB"),
        (":14:21: use integrity.accepted_formats = \"cvs\": unknown variant", "did you mean \"csv\"?"),
        (":14:36: use integrity.accepted_formats = \"xls\"", "did you mean \"xlsx\"?"),
        (":16:1: use vault.object_lock", "add `days` to it"),
        (":19:1: use sensitive.custom_identifiers", "add `regex` to it"),
        (":25:1: use the key sensitive.custom_identifiers.keyword", "did you mean `keywords`?"),
    ];
    for (place, fix) in places {
        let told = failure.why.lines().find(|line| line.contains(place));
        assert!(told.is_some_and(|told| told.contains(fix)), "{place}: {fix}\n{failure}");
    }
    assert_eq!(failure.what, format!("use what is configured: {} mistakes", places.len()), "{failure}");
    assert!(failure.why.contains("7 | stack = \"x\"\n  | ^^^^^"), "{failure}");
}

/// One file after the other, each with what is told of it.
#[test]
fn values_of_another_kind_are_told_what_would_do() {
    for (file, told) in [
        ("macie = false", "`mode = \"off\"`"),
        ("macie = \"auto\"", "`mode = \"auto\"`"),
        ("logs = 7", "write `[logs]`, and its keys below it"),
        ("[[logs]]\nretention_days = 7", "write `[logs]`, in single brackets"),
        ("macie.mode = false", "in quotes: mode = \"off\""),
        ("macie.mode = true", "in quotes: mode = \"on\""),
        ("macie.mode = \"of\"", "did you mean \"off\"?"),
        ("emails = \"a@b.de\"", "in brackets: emails = [\"a@b.de\"]"),
        ("stack = 7", "in quotes: stack = \"7\""),
        ("expect_account = 123456789012", "in quotes: expect_account = \"123456789012\""),
        ("logs.retention_days = \"30\"", "without the quotes: retention_days = 30"),
        ("notify.prune_emails = \"yes\"", "it is neither true nor false"),
        ("notify.prune_emails = \"yes\"", "without the quotes: prune_emails = true"),
        ("notify.prune_emails = 0", "in words: prune_emails = false"),
        ("notify.prune_emails = \"perhaps\"", "prune_emails = true, or prune_emails = false"),
        ("express.max_bytes = \"10 gigs\"", "fix: max_bytes = \"10GB\""),
        ("express.max_bytes = \"5 mb's\"", "fix: max_bytes = \"5MB\""),
        ("express.max_bytes = \"much\"", "fix: max_bytes = \"10GB\""),
        ("integrity.max_bytes = \"10 gigs\"", "such as \"10GB\" or \"512 MiB\""),
        ("stack = \"Größe\"", "1 to 64 of a-z, A-Z, 0-9, blank and . : / = + - @ _"),
        ("[macie]\nmode = \"off\"\n[logs]\nregion = \"x\"", "move it above `[macie]`"),
        ("[macie]\nemail = [\"a@b.de\"]", "move it above `[macie]`, and call it `emails`"),
        ("retention_days = 7", "write it below `[logs]`"),
        ("colour = 7", "take it away"),
        ("stack = x", "line 1, column 9: string values must be quoted"),
        ("a = 1\na = 2", "line 2, column 1: duplicate key"),
        ("key.deletion_window_days = 6", "line 1, column 28: KMS does not take it"),
    ] {
        let failure = failure(&["status"], Some(file));
        assert!(failure.to_string().contains(told), "{file}: {failure}");
        assert!(failure.why.contains("line ") && !failure.why.contains("struct"), "{file}: {failure}");
    }
}

/// The lists of keys are what the file's structures take: serde says so itself.
#[test]
fn the_lists_of_keys_are_whole() {
    let expected = |file: &str| {
        let failure = failure(&["status"], Some(file));
        let names: Vec<_> = super::keys::names(&failure.why).into_iter().skip(1).map(str::to_owned).collect();
        assert!(!names.is_empty(), "{failure}");
        names
    };
    let sections: Vec<_> = super::keys::SECTIONS.iter().map(|(section, _)| *section).collect();
    assert_eq!(expected("xyzzy = 1"), [super::keys::TOP, &sections].concat());
    // The keys of `[tags]` are the user's own.
    for (section, keys) in super::keys::SECTIONS.iter().filter(|(_, keys)| !keys.is_empty()) {
        let file = format!("[{section}]\nxyzzy = 1");
        // With a single key serde writes "expected `key`".
        assert_eq!(expected(&file), *keys, "{section}");
    }
}

#[test]
fn sizes_may_have_units() {
    let settings = settings(&["status"], Some("[integrity]\nmax_bytes = \"10GB\"\nmax_expanded_bytes = 7")).unwrap();
    assert_eq!((settings.rules().max_bytes, settings.rules().max_expanded_bytes), (10_000_000_000, 7));
}

/// What somebody else would take, and cvault does not, is not said to be AWS's rule.
#[test]
fn a_rule_of_ours_is_not_called_awss() {
    for line in
        [&["status", "--stack", "Größe"] as &[_], &["status", "--expect-account", "123"], &["up", "--email", "x"]]
    {
        let failure = failure(line, None);
        assert!(!failure.why.contains("AWS does not take it"), "{failure}");
    }
}

#[test]
fn a_file_that_is_no_text_is_said_to_be_none() {
    let path = std::env::temp_dir().join(format!("cvault-latin-{}.toml", std::process::id()));
    std::fs::write(&path, b"stack = \"a\"\nid = \"\xe4\"\n").unwrap();
    let failure = failure(&["status", "--config", &path.display().to_string()], None);
    assert!(failure.why.contains("line 2 is not in UTF-8"), "{failure}");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn what_aws_would_refuse_is_refused_here() {
    for line in [
        &["status", "--stack", ""] as &[_],
        &["status", "--stack", "späti"],
        &["status", "--id", "Upper"],
        &["status", "--id=-x"],
        &["status", "--expect-account", "12345"],
        &["up", "--email", "nobody"],
        &["up", "--email", "a b@example.com"],
    ] {
        failure(line, None);
    }
    for file in [
        "logs.retention_days = 31",
        "buckets.noncurrent_days = 0",
        "key.deletion_window_days = 6",
        "sweep.interval_minutes = 4",
        "express.max_bytes = \"129 MiB\"",
        "ingress.ignore = [\"**\"]",
        "ingress.ignore = [\"\"]",
        "ingress.ignore = ['a\\b']",
        "ingress.ignore = [\"a\\n\"]",
        "vault.transition = { days = 30, storage_class = \"ONEZONE_IA\" }",
        "vault.transition = { days = 29, storage_class = \"STANDARD_IA\" }",
        "vault.transition = { days = 0, storage_class = \"GLACIER\" }",
        "vault.expire_days = 0",
        "[vault]\nexpire_days = 90\ntransition = { days = 90, storage_class = \"GLACIER\" }",
        "held.expire_days = 6",
        "held.readers = [\"auditor\"]",
        "vault.object_lock = { mode = \"governance\", days = 1 }",
        "vault.object_lock = { mode = \"GOVERNANCE\", days = 0 }",
        "ingress.settle_seconds = 241",
        "[ingress]\nunchanged = \"skip\"\n[vault]\nexpire_days = 9",
        "ingress.pairs = [\".crc\"]",
        "ingress.pairs = [\" done\"]",
        "ingress.pairs = [\"\"]",
        "ingress.pairs = [\"/done\"]",
        "ingress.pairs = [\".md5\", \".md5\"]",
        "ingress.pairs = [\".sha1\"]",
        "ingress.pairs = [\".CRC32\"]",
        "ingress.pairs = [\".done\"]\n[[ingress.prefix]]\nprefix = \"a/\"\nignore = [\"*.done\"]",
        "ingress.pairs = [\".done\"]\n[[ingress.prefix]]\nprefix = \"a/\"\nignore = [\"*.do*\"]",
        "ingress = { pairs = [\".done\"], ignore = [\"/a/*.done\"] }",
        "ingress = { pairs = [\".done\"], ignore = [\"*.old.done\"] }",
        "ingress = { pairs = [\".done\", \".tmp.done\"], ignore = [\"*.tmp\"] }",
        "[[ingress.prefix]]\nprefix = \"\"",
        "[[ingress.prefix]]\nprefix = \"a*\"",
        "[[ingress.prefix]]\nprefix = \"a/\"\nmax_levels = 33",
        "[[ingress.prefix]]\nprefix = \"a/\"\nignore = [\"\"]",
        "[[ingress.prefix]]\nprefix = \"a/\"\n[[ingress.prefix]]\nprefix = \"a/\"",
        "ingress.writers = [\"partner\"]",
        "ingress.writers = [\"arn:aws:iam::*:role/partner\"]",
        "ingress.writers = [\"arn:aws:sts::123456789012:assumed-role/partner/session\"]",
        "vault.releasers = [\"analyst\"]",
        "vault.deployers = [\"deploy\"]",
        "vault.legal_holders = [\"arn:aws:iam::123456789012:role/counsel\"]",
        "vault.object_lock = { mode = \"GOVERNANCE\", days = 1 }\nvault.legal_holders = [\"counsel\"]",
        "vault.replication = { bucket = \"copy\", role = \"r\", kms_key = \"k\" }",
        "[vault.replication]\nbucket = \"arn:aws:s3:::copy\"",
        "vault.approvals = 0",
        "vault.approvals = 3",
        "vault.approvals = 2",
        "vault.releasers = [\"arn:aws:sts::123456789012:assumed-role/analyst/session\"]",
    ] {
        failure(&["status"], Some(file));
    }
}

/// An end of companions that a pattern means only with their files does no harm; one that is none says why.
#[test]
fn ends_of_companions_are_seen_by_somebody() {
    for file in [
        "ingress = { pairs = [\".done\", \".MD5\", \".sha256sum\"] }",
        "ingress = { pairs = [\".done\"], ignore = [\"*.old\", \"*.old.done\", \".*\"] }",
        "ingress.pairs = [\".done\"]\n[[ingress.prefix]]\nprefix = \"a/\"\nignore = [\"*.tmp\", \"*.tmp.done\"]",
    ] {
        settings(&["status"], Some(file)).unwrap();
    }
    let told = |file: &str| failure(&["status"], Some(file)).to_string();
    let unseen = told("ingress.pairs = [\".done\"]\n[[ingress.prefix]]\nprefix = \"a/\"\nignore = [\"*.done\"]");
    assert!(unseen.contains("means a/x.done, so that a/x would wait for it in vain"), "{unseen}");
    let other = told("ingress.pairs = [\".sha1\"]");
    assert!(other.contains("cvault compares only .md5, .sha256 and .sha512"), "{other}");
}

/// S3 would take a replication without a key, and copy nothing.
#[test]
fn a_replication_needs_a_key() {
    let told = |more: &str| {
        let role = "role = \"arn:aws:iam::123456789012:role/replicate\"";
        let file = format!("[vault.replication]\nbucket = \"arn:aws:s3:::copy\"\n{role}\n{more}");
        failure(&["status"], Some(&file)).to_string()
    };
    assert!(told("").contains("add `kms_key` to it"), "{}", told(""));
    let alias = told("kms_key = \"alias/copy\"");
    assert!(alias.contains("vault.replication.kms_key") && alias.contains("only with one"), "{alias}");
    assert!(told("key = \"x\"").contains("unknown field `key`"));
}

const BADGE: &str = "[[sensitive.custom_identifiers]]\nname = \"Badge\"\n";

/// So many custom identifiers, each with more of the same.
fn identifiers(count: usize, more: &str) -> String {
    let one = |number| format!("[[sensitive.custom_identifiers]]\nname = \"{number}\"\nregex = \"b\"\n{more}\n");
    (0..count).map(one).collect::<Vec<_>>().concat()
}

/// Each with what the user is told: the value, why, and what would do.
#[test]
fn rules_that_cannot_be_are_refused() {
    let badge = |more: &str| format!("{BADGE}{more}");
    let keyword = format!("\"{}\"", "k".repeat(90));
    let heavy = identifiers(30, &format!("keywords = [{}]", vec![keyword; 50].join(", ")));
    for (file, told) in [
        ("integrity.max_bytes = 0".to_owned(), "integrity.max_bytes = 0"),
        ("integrity.max_bytes = -1".into(), "-1"),
        ("integrity.max_levels = 99".into(), "1 to 32"),
        ("integrity.max_ratio = 0".into(), "integrity.max_ratio = 0"),
        ("integrity.encodings = [\"windows-1252\", \"windows-1252\"]".into(), "twice"),
        ("integrity.encodings = [\"latin\"]".into(), "latin"),
        ("integrity.accepted_formats = []".into(), "no file would be accepted"),
        ("integrity.accepted_formats = [\"csv\", \"csv\"]".into(), "twice"),
        ("integrity.accepted_formats = [\"cvs\"]".into(), "unknown variant `cvs`, expected one of `text`"),
        ("integrity.max_byte = 1".into(), "unknown field `max_byte`"),
        (
            "[[ingress.prefix]]\nprefix = \"a/\"\nnotify = \"nobody\"".into(),
            "unknown variant `nobody`, expected `each` or `digest`",
        ),
        ("sensitive.block_at = \"meduim\"".into(), "expected one of `low`, `medium`, `high`"),
        ("sensitive.block_on = \"low\"".into(), "unknown field `block_on`"),
        (badge("regex = \"HB-(\""), "unclosed group"),
        (badge("regex = \"(?:a+)+b\""), "catastrophic"),
        (badge("regex = \"(a)\""), "groups that capture"),
        (badge("regex = \"a*\""), "empty text"),
        (badge("regex = \"a\"\ncolour = 1"), "unknown field `colour`"),
        (badge(""), "missing field `regex`"),
        (badge("regex = \"a\"\nkeywords = [\"ab\"]"), "3 to 90"),
        (badge("regex = \"a\"\nmaximum_match_distance = 301"), "1 to 300"),
        (
            badge("regex = \"a\"\nseverity_levels = [{ occurrences_threshold = 1, severity = \"bad\" }]"),
            "unknown variant `bad`",
        ),
        (format!("{BADGE}regex = \"a\"\n{BADGE}regex = \"b\""), "two of this name"),
        (identifiers(31, ""), "takes 30 at most"),
        (heavy, "more than the 131072"),
        ("macie.mode = \"maybe\"".into(), "unknown variant `maybe`"),
        ("macie.max_hours = 0".into(), "1 to 720"),
        ("macie.max_hours = 721".into(), "1 to 720"),
        ("macie.managed_identifiers = \"some\"".into(), "unknown variant `some`"),
        ("macie.managed_identifiers = \"include\"".into(), "says of no identifier"),
        ("macie.managed_identifiers = \"none\"".into(), "look for nothing"),
        ("macie.managed_identifier_ids = [\"NAME\"]".into(), "only include and exclude"),
        (
            "macie.managed_identifiers = \"exclude\"\nmacie.managed_identifier_ids = [\"name\"]".into(),
            "CREDIT_CARD_NUMBER",
        ),
    ] {
        for command in ["status", "up", "down", "demo"] {
            let failure = failure(&[command], Some(&file));
            assert!(failure.to_string().contains(told), "{file}: {failure}");
            assert!(!failure.what.is_empty() && !failure.why.is_empty() && !failure.fix.is_empty());
        }
    }
}

/// A mode below a prefix, in the numbers that a notice carries.
#[test]
fn a_prefix_may_have_a_mode_of_notices() {
    let own = |notify: &str, prefixes: &str| {
        let file = format!("[notify]\n{notify}\n{prefixes}");
        settings(&["status"], Some(&file)).unwrap().notices()
    };
    let prefix = |prefix: &str, notify: &str| format!("[[ingress.prefix]]\nprefix = \"{prefix}\"\n{notify}\n");
    let of = |prefix: &str, each_up_to| PrefixNotices { prefix: prefix.into(), each_up_to };
    let all =
        prefix("a/", "notify = \"digest\"") + &prefix("b/", "max_levels = 3") + &prefix("c/", "notify = \"each\"");
    assert_eq!(own("each_up_to = 7", &all), [of("a/", 0), of("c/", 7)]);
    assert_eq!(own("mode = \"digest\"\neach_up_to = 7", &all), [of("a/", 0), of("c/", 7)]);
}

#[test]
fn without_macie_there_may_be_more_identifiers() {
    let many = identifiers(31, "");
    assert_eq!(settings(&["status", "--macie", "off"], Some(&many)).unwrap().rules().custom_identifiers.len(), 31);
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let failure = failure(&["status", "--config", "/nonexistent/cvault.toml"], None);
    assert!(failure.what.contains("/nonexistent/cvault.toml"));
}
