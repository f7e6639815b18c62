//! Why a call failed, in words for people: what the SDK's errors say, without what they show of Rust.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ErrorMetadata;

/// The beginning of an answer that is none of AWS's: a proxy's page, say.
pub(super) fn said(response: &HttpResponse) -> String {
    let body = response.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
    body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

/// The kinds of the SDK's errors, and of its client's, which say nothing to a user.
const KINDS: &[&str] = &[
    "dispatch failure",
    "other",
    "response error",
    "service error",
    "io error",
    "timeout",
    "client error (Connect)",
    "tcp connect error",
];

/// The chain of causes in one line: the SDK's own text says only "dispatch failure".
pub(super) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts: Vec<String> = vec![];
    let mut innermost = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = match error.downcast_ref::<ErrorMetadata>() {
            Some(said) => format!("{}: {}", said.code().unwrap_or_default(), said.message().unwrap_or_default()),
            None => without_number(&without_values(&error.to_string())),
        };
        let kind = KINDS.contains(&text.as_str()) || text.starts_with("unhandled error");
        if !kind && !texts.iter().any(|other| other.contains(&text)) {
            texts.push(text.clone());
        }
        innermost = text;
        next = error.source();
    }
    if texts.is_empty() { innermost } else { texts.join(": ") }
}

/// What the system says, without its number: `Connection refused (os error 111)`.
fn without_number(text: &str) -> String {
    let Some((said, _)) = text.split_once(" (os error ") else { return text.to_owned() };
    let mut rest = said.chars();
    rest.next().map_or_else(String::new, |first| first.to_lowercase().chain(rest).collect())
}

/// A text without the values of Rust's own that some errors show: `Request { … }`.
fn without_values(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::new();
    while let Some(at) = rest.find(" {") {
        let before = &rest[..at];
        let name = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |place| place + 1);
        let (mut depth, mut end) = (0, rest.len());
        for (place, c) in rest[at..].char_indices() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            if c == '}' && depth == 0 {
                end = at + place + 1;
                break;
            }
        }
        if before[name..].starts_with(|c: char| c.is_ascii_uppercase()) {
            plain.push_str(before[..name].trim_end_matches(['`', ' ']).trim_end_matches(" to request"));
            rest = rest[end..].trim_start_matches('`');
        } else {
            plain.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;
    use std::fmt::{self, Display, Formatter};

    /// An error with a cause.
    #[derive(Debug)]
    struct Failed(&'static str, Option<Box<dyn Error + Send + Sync>>);

    impl Display for Failed {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Failed {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_ref().map(|cause| &**cause as _)
        }
    }

    #[test]
    fn what_aws_said_to_somebody_else_is_said() {
        let denied = ErrorMetadata::builder().code("AccessDenied").message("not authorized to perform: sts:AssumeRole");
        let denied = denied.custom("aws_request_id", "1-2").build();
        let error = Failed("unhandled error (AccessDenied)", Some(denied.into()));
        let error = Failed("service error", Some(error.into()));
        let error = Failed("dispatch failure", Some(Failed("other", Some(error.into())).into()));
        assert_eq!(causes(&error), "AccessDenied: not authorized to perform: sts:AssumeRole");
    }

    #[test]
    fn what_the_system_says_is_said_and_nothing_beside_it() {
        let system = std::io::Error::from_raw_os_error(111);
        let mut error: Box<dyn Error + Send + Sync> = system.into();
        for kind in ["tcp connect error", "client error (Connect)", "127.0.0.1:9 cannot be reached", "io error"] {
            error = Failed(kind, Some(error)).into();
        }
        let error = Failed("dispatch failure", Some(error));
        assert_eq!(causes(&error), "127.0.0.1:9 cannot be reached: connection refused");
        assert_eq!(causes(&Failed("timeout", None)), "timeout", "there is nothing else");
    }

    #[test]
    fn nothing_of_rust_is_shown() {
        for (text, plain) in [
            (
                "failed to apply endpoint `a:1` to request `Request { body: SdkBody { inner: Once(Some(b\"A=1\")) }, uri: Uri { \
                as_string: \"/\" } }`: endpoint must contain scheme",
                "failed to apply endpoint `a:1`: endpoint must contain scheme",
            ),
            ("the answer was Error { code: \"X\" }", "the answer was"),
            ("unfinished Request { body: {", "unfinished"),
            ("expected a JSON document starting with {", "expected a JSON document starting with {"),
            ("policy {\"a\": {}} is wrong", "policy {\"a\": {}} is wrong"),
        ] {
            assert_eq!(without_values(text), plain);
        }
    }
}
