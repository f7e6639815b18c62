//! What the SDK says of itself, said of what the user has.

use super::config::variable;
use std::path::Path;

/// Words of the SDK's, all of which must be in its text, and what is said instead of it.
const INSTEAD: &[(&[&str], &str)] = &[
    (
        &["cargo feature"],
        "the profile takes its credentials from one of `aws login`, and only the AWS CLI can follow such a chain",
    ),
    (
        &["IMDS disabled by AWS_EC2_METADATA_DISABLED"],
        "the profile takes the instance's role, and AWS_EC2_METADATA_DISABLED forbids to ask for it",
    ),
    (
        &["external process", "aws:", "not found"],
        "the AWS CLI is not installed or not in PATH: the credentials were to come from `aws configure export-credentials`",
    ),
];
/// What the SDK begins with, and what says nothing to a user.
const BEGINNINGS: &[&str] = &[
    "an error occurred while loading credentials: ",
    "an error occurred while loading an access token: ",
    "the credential provider was not enabled: ",
    "the credentials provider was not properly configured: ",
    "unexpected credentials error: ",
    "ProfileFile provider could not be built: ",
    "user error: ",
];
const NO_CREDENTIALS: &str = "no credentials were found: no AWS_ACCESS_KEY_ID, no profile, no web identity, no role of a container or \
    instance";
/// Why one of many attempts has failed that was meant.
const REASONS: &[&str] = &["was not defined: ", "sso_account_id", "AWS_ROLE_ARN environment variable must be set"];
const CONTAINER: &str = "Non-success status from HTTP credential provider: StatusCode(";
/// The files that the SDK reads for credentials, and whose names it does not say.
const FILES: &[&str] = &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];

/// The text in words for people.
pub(super) fn reworded(text: &str) -> String {
    instead(text, variable).unwrap_or_else(|| plain(text))
}

/// What is said instead of the text, if something else is.
fn instead(text: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let says = |words: &[&str]| words.iter().all(|word| text.contains(word));
    if says(&["no credentials found in chain"]) {
        // One of the attempts may have failed for a reason, after which the SDK goes on.
        let is_reason = |line: &&str| REASONS.iter().any(|reason| line.contains(reason));
        let reason = text.lines().find(is_reason).and_then(|line| line.split_once(": "));
        return Some(reason.map_or_else(|| NO_CREDENTIALS.to_owned(), |(_, reason)| plain(reason)));
    }
    if let Some((_, instead)) = INSTEAD.iter().find(|(words, _)| says(words)) {
        return Some((*instead).to_owned());
    }
    if let Some((_, status)) = text.split_once(CONTAINER) {
        let status: String = status.chars().take_while(char::is_ascii_digit).collect();
        return Some(format!("the container's credential service answered HTTP {status}"));
    }
    if says(&["loading credentials", "no such file"]) {
        let mut set = FILES.iter().filter_map(|name| Some((name, variable(name)?)));
        let (name, path) = set.find(|(_, path)| !Path::new(path).exists())?;
        return Some(format!("{name} names {path}, and there is no such file"));
    }
    None
}

/// The text without what the SDK begins with, and without Rust's values of errors.
fn plain(text: &str) -> String {
    let mut rest = text;
    while let Some(shorter) = BEGINNINGS.iter().find_map(|beginning| rest.strip_prefix(beginning)) {
        rest = shorter;
    }
    match rest.split_once("Other(OtherError(") {
        Some((before, behind)) => format!("{before}{}", behind.replacen("))", "", 1)),
        None => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let text = "an error occurred while loading credentials: no such file or directory";
        let said = |name: &str, path: &str| instead(text, |wanted| (wanted == name).then(|| path.to_owned()));
        let told = said("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token").unwrap();
        assert_eq!(told, "AWS_WEB_IDENTITY_TOKEN_FILE names /nonexistent/token, and there is no such file");
        assert!(said("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nonexistent/t").is_some());
        assert_eq!(said("AWS_WEB_IDENTITY_TOKEN_FILE", "/"), None, "another file is missing");
        assert_eq!(said("AWS_PROFILE", "x"), None);
    }

    #[test]
    fn what_says_nothing_is_left_out_and_the_rest_stays() {
        for (text, said) in [
            ("dns error: failed to lookup address information", "dns error: failed to lookup address information"),
            ("unexpected credentials error: SSO did not return credentials", "SSO did not return credentials"),
            (
                "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
                "invalid peer certificate: CaUsedAsEndEntity",
            ),
            ("the credential provider was not enabled", "the credential provider was not enabled"),
        ] {
            assert_eq!(plain(text), said);
        }
    }
}
