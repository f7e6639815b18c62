//! The lines of the function's log group: what it has judged, and what people have decided, in streams of their own.

use super::clock::DAY;
use crate::aws::{Answer, Aws};
use crate::outcome::row::Place;
use crate::outcome::verdict::Verdict;
use crate::vault::names::Names;
use anyhow::Result;
use classifier::audit::{JUDGED, SCHEMA};
use futures::stream::{self, Stream};
use futures::{StreamExt, TryStreamExt};
use serde_json::Value;
use std::ops::Range;

/// How the names of the streams with decisions begin; a stream is a day. People may write there, and nowhere else in
/// the group: a verdict that is in one of them is nobody's.
pub(super) const DECISIONS: &str = "cvault-audit";
/// How many parts of a period are read at once: an account may ask `FilterLogEvents` a few times a second.
pub(super) const TOGETHER: usize = 4;
/// In how many parts a period is read at most.
const PARTS: i64 = 16;

/// Which lines are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// What they have to say, in CloudWatch's syntax.
    pub(super) pattern: String,
    /// How the names of their streams begin.
    pub(super) streams: Option<&'static str>,
    /// When they were written, in seconds since 1970; the end is not in it.
    pub(super) between: Option<Range<i64>>,
}

/// A line.
#[derive(Debug)]
pub(super) struct Line {
    /// The stream that it is in.
    pub(super) stream: String,
    /// What it says.
    pub(super) text: String,
}

impl Line {
    /// Whether it is in a stream where people may write: a decision, and never a verdict.
    pub(super) fn is_of_people(&self) -> bool {
        self.stream.starts_with(DECISIONS)
    }
}

/// The lines that are wanted, page after page; none where there is no such group.
pub(super) fn lines<'a>(aws: &'a Aws, names: &'a Names, wanted: Wanted) -> impl Stream<Item = Result<Line>> + 'a {
    let pages = stream::try_unfold(Some(None), move |next| {
        let Wanted { pattern, streams, between } = wanted.clone();
        async move {
            let Some(token) = next else { return Ok(None) };
            let filter = aws.logs.filter_log_events().log_group_name(names.classifier_log_group());
            let filter = filter.filter_pattern(pattern).set_log_stream_name_prefix(streams.map(str::to_owned));
            // Both ends are in what AWS gives, in milliseconds.
            let filter = filter.set_start_time(between.as_ref().map(|it| it.start * 1000));
            let filter = filter.set_end_time(between.as_ref().map(|it| it.end * 1000 - 1));
            let page = filter.set_next_token(token).send().await.or_absent("read the audit log")?;
            let Some(page) = page else { return Ok(None) };
            let lines = page.events.unwrap_or_default().into_iter().map(|event| {
                let (stream, text) = (event.log_stream_name.unwrap_or_default(), event.message.unwrap_or_default());
                Ok::<_, anyhow::Error>(Line { stream, text })
            });
            // Whoever prints is this same thread's.
            tokio::task::yield_now().await;
            Ok::<_, anyhow::Error>(Some((stream::iter(lines), page.next_token.map(Some))))
        }
    });
    pages.try_flatten()
}

/// The verdicts of a period that have held something, in no order. A step that is repeated says it again.
pub(super) fn holding<'a>(
    aws: &'a Aws,
    names: &'a Names,
    between: Range<i64>,
) -> impl Stream<Item = Result<Verdict>> + 'a {
    let parts = parts(between).into_iter().map(|part| {
        let wanted = Wanted { pattern: HOLDING.into(), streams: None, between: Some(part) };
        Box::pin(lines(aws, names, wanted))
    });
    let lines = stream::iter(parts.collect::<Vec<_>>()).flatten_unordered(TOGETHER);
    lines.try_filter_map(async |line| Ok(verdict(&line)))
}

/// The verdict that a line of the function's says.
pub(super) fn verdict(line: &Line) -> Option<Verdict> {
    if line.is_of_people() {
        return None;
    }
    let line: Value = serde_json::from_str(&line.text).ok()?;
    if line["schema"] != SCHEMA || line["event"] != JUDGED {
        return None;
    }
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let place = |member: &str| text(&line["place"][member]).unwrap_or_default();
    Some(Verdict {
        key: text(&line["key"])?,
        version: text(&line["version"]),
        status: text(&line["status"])?,
        reasons: line["reasons"].as_array().into_iter().flatten().filter_map(text).collect(),
        // A dimension of a metric has no null.
        format: text(&line["format"]).filter(|format| format != "unknown"),
        size: line["size"].as_u64().unwrap_or_default(),
        at: text(&line["at"]).unwrap_or_default(),
        again: line["again"] == true,
        place: Place { bucket: place("bucket"), key: place("key"), version: place("version") },
        vault_version: text(&line["vault_version"]),
        execution: text(&line["execution"])?,
    })
}

/// Verdicts that did not store. Nothing in a pattern is anybody's but ours, so that nothing has to be escaped.
const HOLDING: &str = r#"{ ($.event = "Object Judged") && ($.status != "VAULT_COPY") }"#;

/// All that is said about a key's versions: by the hash that the folders of its copies begin with.
pub(super) fn of_key(part: &str) -> String {
    format!("{{ $.copies = \"{part}\" }}")
}

/// All that is of the audit.
pub(super) fn of_audit() -> String {
    format!("{{ $.schema = \"{SCHEMA}\" }}")
}

/// A period in parts of whole days, sixteen at most.
fn parts(Range { start, end }: Range<i64>) -> Vec<Range<i64>> {
    let days = (end - start).div_euclid(DAY) + 1;
    let part = (days + PARTS - 1).div_euclid(PARTS) * DAY;
    let begins = (0..PARTS).map(|at| start + at * part).take_while(|begin| *begin < end);
    begins.map(|begin| begin..(begin + part).min(end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(stream: &str) -> Line {
        let text = json!({
            "schema": SCHEMA, "event": JUDGED, "key": "a\"b.csv", "version": "v", "size": 7, "format": "unknown",
            "status": "INTEGRITY_FAIL", "reasons": ["csv: row 3"], "again": false, "at": "2026-09-21T14:13:32.345Z",
            "place": {"bucket": "held", "key": "0/k", "version": "w"}, "vault_version": null, "execution": "arn:x",
        });
        Line { stream: stream.into(), text: text.to_string() }
    }

    #[test]
    fn a_verdict_is_the_function_s() {
        let said = verdict(&line("2026/09/21/[$LATEST]0123")).unwrap();
        assert_eq!((said.key.as_str(), said.version.as_deref(), said.format), ("a\"b.csv", Some("v"), None));
        assert_eq!((said.place.version.as_str(), said.execution.as_str()), ("w", "arn:x"));
        assert_eq!(verdict(&line("cvault-audit/2026-09-21")), None, "people write there");
        assert_eq!(verdict(&Line { stream: String::new(), text: "START RequestId".into() }), None);
    }

    #[test]
    fn patterns_name_what_lines_have() {
        assert!(HOLDING.contains(JUDGED) && HOLDING.contains(&contract::Status::VaultCopy.to_string()));
        assert_eq!(of_key("01ab"), r#"{ $.copies = "01ab" }"#);
        assert_eq!(of_audit(), r#"{ $.schema = "cvault-audit/1" }"#);
    }

    #[test]
    fn parts_are_the_whole_period_once() {
        for end in [1, DAY, DAY + 1, 15 * DAY, 16 * DAY, 90 * DAY + 5, 4_000 * DAY] {
            let parts = parts(7..7 + end);
            assert!(parts.len() <= 16 && parts[0].start == 7 && parts.last().unwrap().end == 7 + end, "{parts:?}");
            assert!(parts.windows(2).all(|two| two[0].end == two[1].start), "{parts:?}");
        }
        assert!(parts(7..7).is_empty());
    }
}
