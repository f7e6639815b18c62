//! The keys of `cvault.toml`, and what somebody meant who wrote another, or a value of another kind.

use crate::outcome::nearest::nearest;
use std::fmt::Write;

/// The keys above the first section.
pub(super) const TOP: &[&str] = &["stack", "id", "region", "profile", "expect_account", "emails"];
/// The sections and their keys.
pub(super) const SECTIONS: &[(&str, &[&str])] = &[
    // Its keys are the user's own.
    ("tags", &[]),
    ("notify", &["mode", "each_up_to", "window_seconds", "https", "sqs", "prune_emails"]),
    ("existing", &["topic", "key", "log_groups", "buckets"]),
    ("integrity", &["accepted_formats", "encodings", "max_bytes", "max_expanded_bytes", "max_levels", "max_ratio"]),
    ("sensitive", &["block_at", "custom_identifiers"]),
    ("iam", &["permissions_boundary", "path", "role_prefix"]),
    (
        "function",
        &[
            "memory_mb",
            "reserved_concurrency",
            "subnet_ids",
            "security_group_ids",
            "code_signing_config_arn",
            "keep_layers",
            "keep_variables",
        ],
    ),
    ("macie", &["mode", "managed_identifiers", "managed_identifier_ids", "max_hours"]),
    ("logs", &["retention_days", "class"]),
    (
        "alarms",
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
    ),
    ("buckets", &["prefix", "noncurrent_days"]),
    (
        "vault",
        &[
            "releasers",
            "approvals",
            "deployers",
            "legal_holders",
            "object_lock",
            "expire_days",
            "transition",
            "replication",
        ],
    ),
    ("key", &["deletion_window_days"]),
    ("sweep", &["enabled", "interval_minutes"]),
    ("ingress", &["ignore", "settle_seconds", "pairs", "unchanged", "prefix", "writers", "sources", "kms_keys"]),
    ("held", &["expire_days", "readers"]),
    ("express", &["max_bytes"]),
];

/// What to do about a key that is not known where it stands: `path` are the sections above it and its name,
/// `siblings` what is known there, `first` the first section of the file.
pub(super) fn instead_of_key(path: &[String], siblings: &[&str], first: Option<&str>) -> String {
    let Some((name, above)) = path.split_last() else { return String::new() };
    let section = SECTIONS.iter().find(|(_, keys)| keys.contains(&name.as_str()));
    if let Some(meant) = nearest(name, siblings.iter().copied()) {
        return format!("did you mean `{meant}`?");
    }
    let top = TOP.iter().find(|top| **top == name).copied().or_else(|| nearest(name, TOP.iter().copied()));
    match (top, section) {
        (Some(top), _) if !above.is_empty() => {
            let mut fix = format!("move it above `[{}]`", first.unwrap_or(&above[0]));
            if top != name {
                let _ = write!(fix, ", and call it `{top}`");
            }
            fix
        }
        (_, Some((section, _))) => format!("write it below `[{section}]`"),
        _ => "take it away: the README has every key".to_owned(),
    }
}

/// Why a value of the wrong kind cannot be, and what would do: `message` is what the parser says, `written` the value
/// as it stands in the file.
pub(super) fn instead_of_value(key: &str, written: &str, message: &str) -> (String, String) {
    let (name, expected) =
        (key.rsplit('.').next().unwrap_or(key), message.rsplit("expected ").next().unwrap_or_default());
    let quoted = written.trim_matches(['"', '\'']);
    match expected {
        "u64" | "u32" | "usize" | "i32" => {
            let fix = match quoted.parse::<i128>() {
                Ok(_) if quoted != written => format!("without the quotes: {name} = {quoted}"),
                _ => format!("a number, as in {name} = 30"),
            };
            ("it is not a whole number that this key accepts".to_owned(), fix)
        }
        "a boolean" => {
            let meant = match quoted.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "on" | "1" => "true",
                "false" | "no" | "n" | "off" | "0" => "false",
                _ => return ("it is neither true nor false".to_owned(), format!("{name} = true, or {name} = false")),
            };
            let how = if quoted == written { "in words" } else { "without the quotes" };
            ("it is neither true nor false".to_owned(), format!("{how}: {name} = {meant}"))
        }
        "a sequence" => ("it is not a list".to_owned(), format!("in brackets: {name} = [{written}]")),
        "a string" => ("it is not a text".to_owned(), format!("in quotes: {name} = \"{quoted}\"")),
        _ if message.contains("expected a size: ") => {
            let why = "it is not a size: a number of bytes, or one with a unit, such as \"10GB\" or \"512 MiB\"";
            (why.to_owned(), format!("{name} = \"{}\"", size(quoted)))
        }
        _ if message.starts_with("wanted string or table") => {
            let meant = match written {
                "true" => "on",
                "false" => "off",
                other => other.trim_matches(['"', '\'', '[', ']']),
            };
            ("it is not a text".to_owned(), format!("in quotes: {name} = \"{meant}\""))
        }
        _ if message.starts_with("unknown variant") => {
            let meant = nearest(quoted, names(message).into_iter().skip(1));
            let fix = meant.map_or_else(|| "one of those".to_owned(), |meant| format!("did you mean \"{meant}\"?"));
            (message.to_owned(), fix)
        }
        _ => match names(message).first().filter(|_| message.starts_with("missing field")) {
            Some(missing) => (message.to_owned(), format!("add `{missing}` to it")),
            None => (message.to_owned(), "see the README, which has every key".to_owned()),
        },
    }
}

/// The size that somebody meant: `10 gigs` is 10GB.
fn size(written: &str) -> String {
    let number: String = written.chars().take_while(char::is_ascii_digit).collect();
    let unit = written[number.len()..].trim().chars().next().map(|unit| unit.to_ascii_uppercase());
    match unit {
        _ if number.is_empty() => "10GB".to_owned(),
        Some('B') => format!("{number}B"),
        Some(unit @ ('K' | 'M' | 'G' | 'T')) => format!("{number}{unit}B"),
        _ => format!("{number}GB"),
    }
}

/// What to write instead of a section's name with a value.
pub(super) fn instead_of_section(section: &str, written: &str) -> String {
    match written {
        _ if section == "macie" && !written.starts_with('[') => {
            let mode = match written {
                "true" => "\"on\"",
                "false" => "\"off\"",
                mode => mode,
            };
            format!("write `[macie]`, and below it `mode = {mode}`")
        }
        _ if written.starts_with("[[") => format!("write `[{section}]`, in single brackets"),
        _ => format!("write `[{section}]`, and its keys below it"),
    }
}

/// What stands in backquotes.
pub(super) fn names(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}
