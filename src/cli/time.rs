//! Times as people write them.

use crate::vault::expiry::Expiry;
use std::time::{Duration, SystemTime};

/// When a stack expires, from now on.
pub(super) fn expiry(text: &str) -> Result<Expiry, String> {
    Expiry::read(text, SystemTime::now().into())
}

/// `12h`, `30d`: as a duration, with days.
pub(super) fn age(text: &str) -> Result<Duration, String> {
    let wrong = || "a number above 0 with m, h or d behind it, such as 30d".to_owned();
    match text.strip_suffix('d') {
        Some(days) => {
            let seconds = days.parse::<u64>().ok().and_then(|days| days.checked_mul(86_400));
            seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs).ok_or_else(wrong)
        }
        None => duration(text).map_err(|_| wrong()),
    }
}

/// `90s`, `30m`, `2h`; a bare number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("a number with s, m or h behind it, such as 30m".into()),
    };
    let seconds =
        number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).filter(|seconds| *seconds > 0);
    seconds.map(Duration::from_secs).ok_or_else(|| "a number above 0 with s, m or h behind it, such as 30m".into())
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
}
