//! Each row for people, on a terminal of 80 columns.

use super::*;
use crate::outcome::failure::Failure;
use crate::outcome::row::{Judging, JudgingState, Place};
use crate::outcome::verdict::Verdict;
use crate::report::sample;
use crate::report::text::printable;
use anstream::adapter::strip_str;
use console::measure_text_width;
use insta::assert_snapshot;

fn held(key: &str) -> Held {
    let place = Place {
        bucket: "cv-analytics-zone-626fa970".into(),
        key: format!("0123456789abcdef01234567/{key}"),
        version: "BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ".into(),
    };
    Held {
        key: key.into(),
        version: Some("3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY".into()),
        zone: "analytics",
        status: Some("HAS_FINDINGS".into()),
        reasons: Some(vec!["CREDIT_CARD_NUMBER found 6 times: row 2, column 2 (credit_card); row 3".into()]),
        since: "2026-11-28T12:00:00Z".into(),
        size: 1_234_567,
        place,
        ..Held::default()
    }
}

fn shown(row: &Row, layout: Layout) -> String {
    strip_str(&lines(row, layout).join("\n")).to_string()
}

#[test]
fn a_held_version() {
    assert_snapshot!(shown(&Row::Held(held("in/cards.csv")), sample::LAYOUT), @r"
    HAS_FINDINGS  in/cards.csv
        CREDIT_CARD_NUMBER found 6 times: row 2, column 2 (credit_card); row 3
        since 2026-11-28T12:00:00Z, 1.2 MB, version
        3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY
        s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
        version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
    ");
}

/// Whatever the key is, a line fits, and is ours: nothing turns it, breaks it or begins another one.
#[test]
fn no_key_breaks_a_line_or_turns_it() {
    for key in ["a\nb\u{202e}c\u{1b}[2J.csv", &"k".repeat(1024), &"wide 日本 ".repeat(30), "\u{200b}\u{e0041}"] {
        let text = shown(&Row::Held(held(key)), sample::LAYOUT);
        for line in text.lines() {
            assert!(measure_text_width(line) <= 80, "{line}");
            assert!(!line.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{e0041}']), "{line}");
        }
        let whole = Layout { breaks: false, ..sample::LAYOUT };
        assert!(shown(&Row::Held(held(key)), whole).contains(&printable(key)), "nothing is left out of a file");
    }
}

#[test]
fn a_stack_with_its_age_and_expiry() {
    let stack = Stack {
        stack: "review-12".into(),
        id: "626fa970".into(),
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        state: "partial",
        missing: vec!["function".into()],
        created: Some("2026-11-25T12:00:00Z".into()),
        age_seconds: Some(3 * 86_400),
        expires: Some("2026-11-27T12:00:00Z".into()),
        expired: true,
    };
    assert_snapshot!(shown(&Row::Stack(stack), sample::LAYOUT), @r"
    partial  review-12 (626fa970)
        123456789012/eu-west-1, since 2026-11-25T12:00:00Z (3 days old)
        has expired, and the next gc removes it: 2026-11-27T12:00:00Z
        missing: function
    ");
    assert_eq!(
        [0, 1, 119, 7_199, 7_200, 200_000].map(age),
        ["0 seconds", "1 second", "119 seconds", "119 minutes", "2 hours", "2 days"]
    );
    let left = Expired {
        stack: "review-12".into(),
        id: "626fa970".into(),
        expires: Some("2026-11-27T12:00:00Z".into()),
        state: Removed::Kept,
        says: "holds objects: 2 versions in cv-vault-zone-626fa970".into(),
        fix: Some("`cvault gc --delete-data` deletes them too".into()),
    };
    assert_snapshot!(shown(&Row::Expired(left), sample::LAYOUT), @r"
    kept  review-12 (626fa970)
        has expired 2026-11-27T12:00:00Z
        holds objects: 2 versions in cv-vault-zone-626fa970
        fix: `cvault gc --delete-data` deletes them too
    ");
}

#[test]
fn counts_of_bytes() {
    let counts = [0, 1, 999, 1000, 1_250_000, 5 << 30, u64::MAX].map(bytes);
    assert_eq!(counts, ["0 bytes", "1 byte", "999 bytes", "1.0 kB", "1.2 MB", "5.3 GB", "18446.7 PB"]);
}

#[test]
fn what_was_decided() {
    let Held { place, key, .. } = held("in/cards.csv");
    let decision = Decision {
        action: Settling::Release,
        state: Settled::NotCleared,
        key,
        place,
        status: Some("HAS_FINDINGS".into()),
        size: 34,
        vault_version: Some("v".into()),
        by: "arn:aws:sts::123456789012:assumed-role/analyst/ana".into(),
        at: "2026-11-28T12:00:00Z".into(),
        reason: "test data of the bank".into(),
        requested: None,
    };
    assert_snapshot!(shown(&Row::Decision(decision), sample::LAYOUT), @r"
    released  in/cards.csv
        was held as HAS_FINDINGS, 34 bytes
        because: test data of the bank
        2026-11-28T12:00:00Z by arn:aws:sts::123456789012:assumed-role/analyst/ana
        it is in the vault; its held copy is still there, and goes when S3's event
        is handled, or by a sweep
        in the vault as version v
        s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
        version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
    ");
}

/// Who asks is seen where it is held, and beside whoever has confirmed it.
#[test]
fn what_two_have_to_want() {
    let (by, at) = ("arn:aws:iam::123456789012:role/ana".to_owned(), "2026-11-27T12:00:00Z".to_owned());
    let request = Request { action: Settling::Release, by, at, reason: "test data".into() };
    let requested = Some((&request).into());
    let held = Held { request: Some(request), reasons: None, ..held("in/cards.csv") };
    assert_snapshot!(shown(&Row::Held(held.clone()), sample::LAYOUT), @r"
    HAS_FINDINGS  in/cards.csv
        since 2026-11-28T12:00:00Z, 1.2 MB, version
        3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY
        release requested 2026-11-27T12:00:00Z by
        arn:aws:iam::123456789012:role/ana: test data; another releaser confirms it
        s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
        version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
    ");
    let Held { place, key, status, size, .. } = held;
    let (by, at) = ("arn:aws:iam::123456789012:user/bob".to_owned(), "2026-11-28T12:00:00Z".to_owned());
    let (action, reason) = (Settling::Release, "as ticket OPS-12 says".into());
    let state = Settled::Done;
    let done = Decision { action, state, key, place, status, size, vault_version: None, by, at, reason, requested };
    assert_snapshot!(shown(&Row::Decision(done), sample::LAYOUT), @r"
    released  in/cards.csv
        was held as HAS_FINDINGS, 1.2 MB
        because: as ticket OPS-12 says
        2026-11-28T12:00:00Z by arn:aws:iam::123456789012:user/bob
        requested 2026-11-27T12:00:00Z by arn:aws:iam::123456789012:role/ana: test
        data
        s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
        version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
    ");
}

#[test]
fn what_was_looked_at() {
    let check = |state, fix: Option<&str>| Check {
        name: "link state-machine/express to function".into(),
        state,
        says: "the function was called 3 times, and each time AWS said that its role may not use the key".into(),
        fix: fix.map(str::to_owned),
    };
    let bad =
        check(Health::Bad, Some("`cvault up` gives the role its policy back, unless somebody has set a boundary"));
    assert_snapshot!(shown(&Row::Check(bad), sample::LAYOUT), @r"
    bad  link state-machine/express to function
        the function was called 3 times, and each time AWS said that its role may
        not use the key
        fix: `cvault up` gives the role its policy back, unless somebody has set a
        boundary
    ");
    let unknown = check(Health::Unknown, None);
    assert_snapshot!(shown(&Row::Check(unknown), sample::LAYOUT), @r"
    unknown  link state-machine/express to function
        the function was called 3 times, and each time AWS said that its role may
        not use the key
    ");
}

#[test]
fn what_became_of_a_canary() {
    let canary = Canary {
        outcome: "sensitive",
        state: Health::Bad,
        key: ".cvault/verify/sensitive-data-in-a-table.csv",
        version: Some("3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY".into()),
        expected: "HAS_FINDINGS".into(),
        status: Some("VAULT_COPY".into()),
        says: "it was judged VAULT_COPY, and stored in the vault, where nobody looks for what is sensitive".into(),
        link: Some("function".into()),
        fix: Some("look at the rules of the deployed function with `cvault status`".into()),
        execution: Some("arn:aws:states:eu-west-1:123456789012:execution:CyberVaultOrquestrator-626fa970:0123".into()),
        seconds: 12.4,
    };
    assert_snapshot!(shown(&Row::Canary(canary.clone()), sample::LAYOUT), @r"
    bad  sensitive: .cvault/verify/sensitive-data-in-a-table.csv
        has to be HAS_FINDINGS
        it was judged VAULT_COPY, and stored in the vault, where nobody looks for
        what is sensitive
        link: function
        fix: look at the rules of the deployed function with `cvault status`
        arn:aws:states:eu-west-1:123456789012:execution:CyberVaultOrquestrator-626fa
        970:0123
    ");
    let good = Canary { state: Health::Good, link: None, fix: None, ..canary };
    assert_snapshot!(shown(&Row::Canary(good), sample::LAYOUT), @r"
    good  sensitive: .cvault/verify/sensitive-data-in-a-table.csv
        has to be HAS_FINDINGS
        it was judged VAULT_COPY, and stored in the vault, where nobody looks for
        what is sensitive (12s)
    ");
}

#[test]
fn what_stays_and_what_was_written() {
    let Held { key, place, .. } = held("in/cards.csv");
    let why =
        "AccessDenied: not authorized to perform: s3:PutObject on arn:aws:s3:::cv-vault-zone-626fa970/in/cards.csv";
    let error = Failure::new("copy a to b", why, "be one of the vault's declared releasers");
    assert_snapshot!(shown(&Row::Failed(Failed { key, place, error }), sample::LAYOUT), @r"
    failed  in/cards.csv
        copy a to b
        why: AccessDenied: not authorized to perform: s3:PutObject on
        arn:aws:s3:::cv-vault-zone-626fa970/in/cards.csv
        fix: be one of the vault's declared releasers
        s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
        version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
    ");
    let written = Written { path: ".github/workflows/vault-check.yml", state: "written" };
    assert_snapshot!(shown(&Row::File(written), sample::LAYOUT), @r"
    written  .github/workflows/vault-check.yml
    ");
    let total = Total { count: 12_345_678, bytes: 5 << 40, unjudged: 1_234_567, failed: 1_234_567 };
    assert_snapshot!(shown(&Row::Total(total), sample::LAYOUT), @r"
    12345678 versions, 5.4 TB; 1234567 more being judged; 1234567 failed
    ");
}

/// All of what `show` answers, one below the other.
#[test]
fn a_whole_story() {
    let verdict = Verdict {
        key: "in/cards.csv".into(),
        version: Some("3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY".into()),
        status: "HAS_FINDINGS".into(),
        reasons: vec!["CREDIT_CARD_NUMBER found 6 times: row 2, column 2 (credit_card); row 3".into()],
        format: Some("csv".into()),
        size: 1_234_567,
        at: "2026-11-28T12:00:03.120Z".into(),
        again: true,
        place: held("in/cards.csv").place,
        vault_version: None,
        execution: "arn:aws:states:eu-west-1:123456789012:execution:CyberVaultOrquestrator-626fa970:0123".into(),
    };
    let stored = Verdict {
        status: "VAULT_COPY".into(),
        reasons: vec![],
        again: false,
        vault_version: Some("BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ".into()),
        ..verdict.clone()
    };
    let total = Total { count: 1, bytes: 1_234_567, ..Total::default() };
    let rows = [Row::Version(held("in/cards.csv")), Row::Verdict(verdict), Row::Verdict(stored), Row::Total(total)];
    let text = rows.iter().map(|row| shown(row, sample::LAYOUT)).collect::<Vec<_>>().join("\n");
    assert_snapshot!(text, @r"
    HAS_FINDINGS  in/cards.csv
        CREDIT_CARD_NUMBER found 6 times: row 2, column 2 (credit_card); row 3
        since 2026-11-28T12:00:00Z, 1.2 MB, version
        3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY
        s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
        version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
    judged again HAS_FINDINGS  in/cards.csv
        CREDIT_CARD_NUMBER found 6 times: row 2, column 2 (credit_card); row 3
        2026-11-28T12:00:03.120Z, csv, 1.2 MB, version
        3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY
        s3://cv-analytics-zone-626fa970/0123456789abcdef01234567/in/cards.csv
        version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
        arn:aws:states:eu-west-1:123456789012:execution:CyberVaultOrquestrator-626fa
        970:0123
    judged VAULT_COPY  in/cards.csv
        2026-11-28T12:00:03.120Z, csv, 1.2 MB, version
        3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY
        stored as version BD0tAD5hZpxNFE7Xj3sO2U1xUpd2WXYZ
        arn:aws:states:eu-west-1:123456789012:execution:CyberVaultOrquestrator-626fa
        970:0123
    1 version, 1.2 MB
    ");
}

/// However large the numbers, however long the names: what is no word of its own fits.
#[test]
fn nothing_is_wider_than_a_terminal() {
    let judging = Judging { failed: u64::MAX, held: Some(u64::MAX), ..Judging::of(JudgingState::Done, u64::MAX) };
    let total = Total { count: u64::MAX, bytes: u64::MAX, unjudged: u64::MAX, failed: u64::MAX };
    let report = crate::outcome::period::Period { stack: "s".repeat(70), ..sample::period() };
    for row in [Row::Judging(judging), Row::Total(total), Row::Report(report.into())] {
        let text = shown(&row, sample::LAYOUT);
        assert!(text.lines().all(|line| measure_text_width(line) <= 80), "{text}");
    }
}
