//! Times as people write them.

use crate::vault::expiry::{Expiry, moment};
use aws_smithy_types::DateTime;
use std::time::{Duration, SystemTime};

const MINUTE: (&str, u64) = ("m", 60);
const HOUR: (&str, u64) = ("h", 3_600);
const DAY: (&str, u64) = ("d", 86_400);

/// When a stack expires, from now on.
pub(super) fn expiry(text: &str) -> Result<Expiry, String> {
    expiry_from(text, SystemTime::now().into())
}

/// `3d`, `12h`, `30m` from a moment on, another moment as RFC 3339 writes it, or `never`.
fn expiry_from(text: &str, now: DateTime) -> Result<Expiry, String> {
    if text == "never" {
        return Ok(Expiry::Never);
    }
    let after = seconds(text, &[MINUTE, HOUR, DAY]).and_then(|seconds| i64::try_from(seconds).ok());
    let after = after.and_then(|seconds| now.secs().checked_add(seconds)).map(DateTime::from_secs);
    let wrong = "a time from now on such as 12h or 3d, a moment such as 2026-12-24T18:00:00Z, or never";
    Expiry::at(after.or_else(|| moment(text)).ok_or(wrong)?, now)
}

/// A moment that has passed, in seconds since 1970: so long ago, the beginning of a day in UTC, or as RFC 3339 writes it.
pub(super) fn past(text: &str) -> Result<i64, String> {
    past_from(text, SystemTime::now().into())
}

fn past_from(text: &str, now: DateTime) -> Result<i64, String> {
    let ago = seconds(text, &[MINUTE, HOUR, DAY]).and_then(|seconds| i64::try_from(seconds).ok());
    let ago = ago.and_then(|seconds| now.secs().checked_sub(seconds)).map(DateTime::from_secs);
    let found = ago.or_else(|| moment(text)).or_else(|| moment(&format!("{text}T00:00:00Z")));
    let passed = found.map(|moment| moment.secs()).filter(|secs| (0..=now.secs()).contains(secs));
    passed.ok_or_else(|| {
        "a time before now such as 12h or 30d, a day such as 2026-11-01, or a moment such as 2026-11-01T18:00:00Z"
            .into()
    })
}

/// `12h`, `30d`: as a duration, with days.
pub(super) fn age(text: &str) -> Result<Duration, String> {
    above_zero(seconds(text, &[("", 1), ("s", 1), MINUTE, HOUR, DAY]))
        .ok_or_else(|| "a number above 0 with m, h or d behind it, such as 30d".into())
}

/// `90s`, `30m`, `2h`; a bare number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    above_zero(seconds(text, &[("", 1), ("s", 1), MINUTE, HOUR]))
        .ok_or_else(|| "a number above 0 with s, m or h behind it, such as 30m".into())
}

/// A number of digits with one of these units behind it.
fn seconds(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|(known, _)| *known == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn above_zero(seconds: Option<u64>) -> Option<Duration> {
    seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("30m"), Ok(Duration::from_mins(30)));
        for wrong in ["", "0", "m", "1d", "-1s", "99999999999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ages_have_days() {
        assert_eq!(age("30d"), Ok(Duration::from_hours(720)));
        assert_eq!(age("12h"), Ok(Duration::from_hours(12)));
        for wrong in ["", "0d", "d", "1w", "99999999999999999d"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn it_is_a_moment_that_has_passed() {
        let read = |text| past_from(text, DateTime::from_secs(1_795_906_800));
        for (text, secs) in [
            ("12h", 1_795_863_600),
            ("7d", 1_795_302_000),
            ("2026-11-28", 1_795_824_000),
            ("2026-11-28T01:00:00+01:00", 1_795_824_000),
            ("2026-11-28T23:00:00Z", 1_795_906_800),
        ] {
            assert_eq!(read(text), Ok(secs), "{text}");
        }
        for text in ["", "7", "7w", "-1d", "2026-11-29", "2026-13-01", "1969-12-31", "28.11.2026", "99999999999999999d"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    fn read(text: &str) -> Result<Expiry, String> {
        expiry_from(text, DateTime::from_secs(1_795_906_800))
    }

    #[test]
    fn it_is_a_moment_to_come() {
        for (text, moment) in [
            ("30m", "2026-11-28T23:30:00Z"),
            ("3d", "2026-12-01T23:00:00Z"),
            ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z"),
            ("2026-12-24T18:00:00.5+01:00", "2026-12-24T17:00:00Z"),
        ] {
            assert_eq!(read(text), Ok(Expiry::At(moment.into())), "{text}");
        }
        assert_eq!(read("never"), Ok(Expiry::Never));
        for text in [
            "",
            "d",
            "0d",
            "3",
            "3w",
            "-1d",
            "+1d",
            "2026-11-28T23:00:00Z",
            "2026-12-24",
            "99999999999999999d",
            "9000000d",
            "3ü",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
