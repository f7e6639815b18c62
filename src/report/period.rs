//! A period for people at a terminal: what went through, how long it took, how it stands. Pure: a period and a width
//! in, lines out.

use super::layout::{Layout, below, wrapped};
use super::text::{BAD, STRONG, bytes, painted, printable, shortened, time};
use crate::outcome::period::{Failures, Period, Tally};
use console::{Alignment, measure_text_width, pad_str};

/// How many of a list are shown where nothing more is asked for.
const MOST: usize = 5;

/// The period as lines.
pub fn lines(period: &Period, layout: Layout) -> Vec<String> {
    let Period { stack, id, account, region, since, until, .. } = period;
    let place = painted(STRONG, printable(&format!("{stack} ({id}), {account}/{region}")));
    let mut lines = wrapped(&place, layout.width);
    lines.extend(below(&format!("{since} to {until}"), layout));
    lines.extend(wrapped(&judged(period), layout.width));
    let lists = [
        ("VERDICT", &period.statuses[..]),
        ("FORMAT", &period.formats),
        ("HELD BECAUSE OF", &period.reasons),
        ("HELD NOW", &period.held.statuses),
        ("HELD NOW BECAUSE OF", &period.held.reasons),
        ("HELD FOR", &period.held.ages),
    ];
    lines.extend(tables(lists, layout));
    lines.extend(took(period).iter().flat_map(|text| below(text, layout)));
    lines.extend(below(&decided(period), layout));
    lines.extend(failures(&period.failures, layout));
    lines.extend(below(&cost(period), layout));
    lines
}

/// What went through, in a sentence.
pub fn judged(period: &Period) -> String {
    let Tally { count, bytes: size, .. } = &period.judged;
    let of = |part: fn(&crate::outcome::period::Day) -> u64| period.days.iter().map(part).sum::<u64>();
    let files = if *count == 1 { "file was" } else { "files were" };
    let places = [(of(|day| day.stored), "stored"), (of(|day| day.held), "held"), (of(|day| day.left), "left or gone")];
    let places: Vec<_> = places.iter().map(|(count, what)| format!("{count} {what}")).collect();
    format!("{count} {files} judged, {}: {}", bytes(*size), places.join(", "))
}

/// How long verdicts took.
pub fn took(period: &Period) -> Option<String> {
    let times = period.time_to_verdict.as_ref()?;
    let [median, p95, worst] = [times.median, times.p95, times.worst].map(whole);
    Some(format!("from upload to verdict: half within {median}, 95 of 100 within {p95}, the longest {worst}"))
}

/// What people decided, and what `verify` sent.
pub fn decided(period: &Period) -> String {
    let Period { released, discarded, canaries, .. } = period;
    let canaries = match canaries {
        0 => String::new(),
        1 => "; 1 file of `cvault verify` is not counted".into(),
        many => format!("; {many} files of `cvault verify` are not counted"),
    };
    format!("decided: {released} released, {discarded} discarded{canaries}")
}

/// What went wrong; `None` where nothing did.
pub fn wrong(failures: &Failures) -> Option<String> {
    let Failures { executions, dead_letters, stuck, .. } = failures;
    counted(&[
        (*executions, "execution failed", "executions failed"),
        (*dead_letters, "event waits in the dead-letter queue", "events wait in the dead-letter queue"),
        (*stuck, "file in ingress is not being judged", "files in ingress are not being judged"),
    ])
}

/// What waits to be judged now, whether somebody works on it or not; `None` where nothing does.
pub fn waits(failures: &Failures) -> Option<String> {
    counted(&[
        (failures.waiting, "file in ingress", "files in ingress"),
        (failures.macie_files, "file for the next job of Macie's", "files for the next job of Macie's"),
    ])
}

/// Those of them that there are, each in the singular or the plural.
fn counted(all: &[(u64, &str, &str)]) -> Option<String> {
    let all = all.iter().filter(|(count, ..)| *count > 0);
    let all: Vec<_> =
        all.map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many })).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// What the files cost, and by what prices.
pub fn cost(period: &Period) -> String {
    let cost = &period.cost;
    let files = |count: u64| if count == 1 { "1 file".into() } else { format!("{count} files") };
    format!(
        "cost of these files: {:.2} USD ({} by the Express workflow, {} by the Standard one), by AWS's list prices in us-east-1 of {}, without \
         storage, the key, Macie and the reading of large files",
        cost.usd,
        files(cost.express),
        files(cost.standard),
        cost.prices_of
    )
}

/// `3s`, `1m 02s`: whole seconds are all that S3 says.
pub fn whole(seconds: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "centuries are exact")]
    let shown = time(seconds as f64);
    // `1m` for `1m 00s`.
    let shown = shown.strip_suffix(" 00s").or_else(|| shown.strip_suffix(" 00m")).unwrap_or(&shown);
    shown.replace(".0s", "s")
}

fn failures(failures: &Failures, layout: Layout) -> Vec<String> {
    let failed = match wrong(failures) {
        Some(wrong) => [vec![painted(BAD, "failures")], below(&wrong, layout)].concat(),
        None => below("failures: none", layout),
    };
    let waits = waits(failures).unwrap_or_else(|| "nothing".into());
    [failed, below(&format!("waiting to be judged now: {waits}"), layout)].concat()
}

/// Lists as tables whose columns stand below each other.
fn tables(lists: [(&str, &[Tally]); 6], layout: Layout) -> Vec<String> {
    let most = if layout.verbose { usize::MAX } else { MOST };
    let room = layout.width.saturating_sub(26);
    let name = |tally: &Tally| shortened(&printable(&tally.name), room, layout.glyphs);
    let shown = |tallies: &[Tally]| tallies.iter().take(most).map(name).collect::<Vec<_>>();
    let names = lists.iter().flat_map(|(title, tallies)| [vec![(*title).to_owned()], shown(tallies)].concat());
    let width = names.map(|name| measure_text_width(&name)).max().unwrap_or_default();
    let row = |name: &str, count: &str, size: &str| {
        let pad = |text: &str, width, side| pad_str(text, width, side, None).into_owned();
        let (name, count) = (pad(name, width, Alignment::Left), pad(count, 9, Alignment::Right));
        format!("  {name}  {count}  {}", pad(size, 11, Alignment::Right))
    };
    let mut lines = vec![];
    for (title, tallies) in lists.into_iter().filter(|(_, tallies)| !tallies.is_empty()) {
        lines.push(painted(STRONG, row(title, "FILES", "SIZE")));
        let cells = tallies.iter().zip(shown(tallies));
        lines.extend(cells.map(|(tally, name)| row(&name, &tally.count.to_string(), &bytes(tally.bytes))));
        if tallies.len() > most {
            lines.push(format!("  {} more, with -v or --output json", tallies.len() - most));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use anstream::adapter::strip_str;
    use insta::assert_snapshot;

    fn shown(period: &Period, layout: Layout) -> String {
        strip_str(&lines(period, layout).join("\n")).to_string()
    }

    #[test]
    fn a_period_fits_a_terminal() {
        let text = shown(&sample::period(), sample::LAYOUT);
        assert!(text.lines().all(|line| measure_text_width(line) <= 80), "{text}");
        assert_snapshot!(text, @r"
        cyber-vault (626fa970), 123456789012/eu-west-1
            2026-11-23T00:00:00Z to 2026-11-27T00:00:00Z
        610 files were judged, 2.5 GB: 576 stored, 33 held, 1 left or gone
          VERDICT                                 FILES         SIZE
          VAULT_COPY                                576       2.5 GB
          HAS_FINDINGS                               30      90.0 MB
          INTEGRITY_FAIL                              3       5.0 MB
          GONE                                        1      0 bytes
          FORMAT                                  FILES         SIZE
          csv                                       500       2.0 GB
          parquet                                   109     595.0 MB
          unknown                                     1      0 bytes
          HELD BECAUSE OF                         FILES         SIZE
          CREDIT_CARD_NUMBER                         29      89.0 MB
          <b>\u{202e}csv: row N has N fields          3       5.0 MB
          HELD NOW                                FILES         SIZE
          HAS_FINDINGS                               26      80.0 MB
          INTEGRITY_FAIL                              2       4.0 MB
          HELD NOW BECAUSE OF                     FILES         SIZE
          CREDIT_CARD_NUMBER                         25      79.0 MB
          <b>\u{202e}csv: row N has N fields          2       4.0 MB
          not in the log                              1       1.0 MB
          HELD FOR                                FILES         SIZE
          less than a day                            20      60.0 MB
          1 to 7 days                                 8      24.0 MB
            from upload to verdict: half within 3s, 95 of 100 within 8s, the longest 12m
            11s
            decided: 4 released, 1 discarded; 9 files of `cvault verify` are not counted
        failures
            2 executions failed, 1 file in ingress is not being judged
            waiting to be judged now: 3 files in ingress, 2 files for the next job of
            Macie's
            cost of these files: 0.06 USD (570 files by the Express workflow, 40 files
            by the Standard one), by AWS's list prices in us-east-1 of 2026-11-28,
            without storage, the key, Macie and the reading of large files
        ");
    }

    #[test]
    fn a_vault_without_files_says_so() {
        let text = shown(&Period { since: "a".into(), until: "b".into(), ..Period::default() }, sample::LAYOUT);
        assert!(text.contains("0 files were judged, 0 bytes: 0 stored, 0 held, 0 left or gone"), "{text}");
        assert!(text.contains("failures: none") && !text.contains("VERDICT"), "{text}");
        assert!(text.contains("waiting to be judged now: nothing"), "{text}");
    }

    /// What waits and will be judged is no failure, and is not passed over.
    #[test]
    fn what_waits_is_told_where_nothing_has_failed() {
        let failures = Failures { waiting: 1, ..Failures::default() };
        let text = shown(&Period { failures, ..Period::default() }, sample::LAYOUT);
        assert!(text.contains("failures: none") && text.contains("now: 1 file in ingress"), "{text}");
        let failures = Failures { macie_files: 3, ..Failures::default() };
        assert_eq!(waits(&failures).as_deref(), Some("3 files for the next job of Macie's"));
    }
}
