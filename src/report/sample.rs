//! Plans and runs to test the reports with.

use super::contract::Report;
use super::layout::Layout;
use super::text::UNICODE;
use crate::deploy::event::{Command, Event, Judged, Summary};
use crate::deploy::identity::Identity;
use crate::deploy::plan::Standing;
use crate::deploy::plan::{Action, Difference, Plan, State, Step};
use crate::outcome::failure::Failure;
use crate::outcome::period::{Cost, Day, Failures, Holding, Period, Span, Tally, Times};
use serde_json::{Value, json};

pub const LAYOUT: Layout = Layout { width: 80, glyphs: &UNICODE, breaks: true, verbose: false };

/// A week of a vault.
pub fn period() -> Period {
    let tallies = |all: &[(&str, u64, u64)]| -> Vec<Tally> {
        all.iter().map(|(name, count, bytes)| Tally { name: (*name).into(), count: *count, bytes: *bytes }).collect()
    };
    let day = |(at, stored, held, left, bytes): (u32, u64, u64, u64, u64)| Day {
        day: format!("2026-11-{at}"),
        stored,
        held,
        left,
        bytes,
        usd: f64::from(u32::try_from(stored).unwrap_or_default()) * 0.000_1,
    };
    let days =
        [(23, 180, 2, 0, 812_000_000), (24, 195, 0, 1, 903_000_000), (25, 0, 0, 0, 0), (26, 201, 31, 0, 880_000_000)];
    let spread = [(Some(1), 0), (Some(2), 110), (Some(5), 450), (Some(10), 48), (None, 2)];
    Period {
        stack: "cyber-vault".into(),
        id: "626fa970".into(),
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        since: "2026-11-23T00:00:00Z".into(),
        until: "2026-11-27T00:00:00Z".into(),
        judged: tallies(&[("judged", 610, 2_595_000_000)]).remove(0),
        statuses: tallies(&[
            ("VAULT_COPY", 576, 2_500_000_000),
            ("HAS_FINDINGS", 30, 90_000_000),
            ("INTEGRITY_FAIL", 3, 5_000_000),
            ("GONE", 1, 0),
        ]),
        formats: tallies(&[("csv", 500, 2_000_000_000), ("parquet", 109, 595_000_000), ("unknown", 1, 0)]),
        reasons: tallies(&[
            ("CREDIT_CARD_NUMBER", 29, 89_000_000),
            ("<b>\u{202e}csv: row N has N fields", 3, 5_000_000),
        ]),
        days: days.map(day).into(),
        time_to_verdict: Some(Times {
            median: 3,
            p95: 8,
            worst: 731,
            spread: spread.map(|(up_to, count)| Span { up_to, count }).into(),
        }),
        released: 4,
        discarded: 1,
        canaries: 9,
        held: Holding {
            all: tallies(&[("held", 28, 84_000_000)]).remove(0),
            statuses: tallies(&[("HAS_FINDINGS", 26, 80_000_000), ("INTEGRITY_FAIL", 2, 4_000_000)]),
            reasons: tallies(&[
                ("CREDIT_CARD_NUMBER", 25, 79_000_000),
                ("<b>\u{202e}csv: row N has N fields", 2, 4_000_000),
                ("not in the log", 1, 1_000_000),
            ]),
            ages: tallies(&[("less than a day", 20, 60_000_000), ("1 to 7 days", 8, 24_000_000)]),
            unjudged: 0,
        },
        failures: Failures { executions: 2, dead_letters: 0, stuck: 1, waiting: 3, macie_files: 2 },
        cost: Cost { usd: 0.0578, express: 570, standard: 40, prices_of: "2026-11-28" },
    }
}

pub fn step(name: &str, state: State, action: Action) -> Step {
    Step {
        name: name.into(),
        r#type: "AWS::S3::Bucket",
        id: Some(format!("cv-{name}")),
        arn: None,
        state,
        action,
        differences: vec![],
        note: None,
        owner: None,
        halted: false,
        standing: Standing::Wanted,
        observed: None,
    }
}

fn differs(path: &str, is: Value, should: Value) -> Difference {
    Difference { path: path.into(), is, should }
}

pub fn plan() -> Plan {
    let [stack, id, account, region] = ["cyber-vault", "626fa970", "123456789012", "eu-west-1"].map(str::to_owned);
    let identity = Identity { stack, id, account, region };
    let mut drifted = step("bucket/vault", State::Drifted, Action::Update);
    let statement = |secure: &str| json!([{"Sid": "Tls", "Condition": {"Bool": {"aws:SecureTransport": secure}}}]);
    let key = |id: &str| json!(format!("arn:aws:kms:eu-west-1:123456789012:key/{id}-0a1b-4c2d-8e3f-000000000000"));
    drifted.differences = vec![
        differs("/Encryption/KMSMasterKeyID", key("11111111"), key("22222222")),
        differs("/Policy/Statement", statement("true"), statement("false")),
        differs("/Tags/evil", json!("\u{1b}[31mred"), Value::Null),
        differs("/Versioning/Days", json!("30"), json!(30)),
    ];
    let mut pending = step("subscription/ops@example.com", State::Pending, Action::Keep);
    pending.note = Some("waits for the e-mail to be confirmed".into());
    let resources = vec![
        step("key", State::Ok, Action::Keep),
        drifted,
        step("topic", State::Ok, Action::Keep),
        pending,
        step("function", State::Missing, Action::Create),
        step("rule/vault", State::Missing, Action::Create),
    ];
    let mut plan = Plan::new(&identity, resources);
    plan.notes.push("Macie is not enabled in eu-west-1: the built-in detectors alone judge".into());
    plan
}

pub fn started(name: &str, action: Action) -> Event {
    Event::Started { name: name.into(), action }
}

pub fn finished(name: &str, action: Action, seconds: f64) -> Event {
    Event::Finished { name: name.into(), action, seconds }
}

pub fn failure() -> Failure {
    Failure::new(
        "create function cyber_vault-626fa970",
        "AccessDenied: not authorized to perform: iam:PassRole\non role | <b>",
        "grant iam:PassRole, then run the same command again",
    )
}

pub fn summary(exit_code: u8, [created, updated, unchanged, failed, not_begun]: [usize; 5]) -> Event {
    Event::Summary(Summary {
        command: Command::Up,
        stack: "cyber-vault".into(),
        id: "626fa970".into(),
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        exit_code,
        created,
        updated,
        deleted: 0,
        unchanged,
        failed,
        not_begun,
        seconds: 62.3,
        absent: false,
        outputs: std::collections::BTreeMap::new(),
        notes: vec!["ops@example.com must confirm the subscription:\nthe link is in the e-mail".into()],
    })
}

pub fn play(report: &mut dyn Report, events: &[Event]) {
    for event in events {
        report.event(event);
    }
}

pub fn good_run() -> Vec<Event> {
    vec![
        Event::Planned { command: Command::Up, plan: plan() },
        started("bucket/vault", Action::Update),
        started("function", Action::Create),
        Event::Waiting { name: "function".into(), on: "role/classifier to be assumable by Lambda".into() },
        finished("key", Action::Keep, 0.0),
        finished("bucket/vault", Action::Update, 2.14),
        finished("function", Action::Create, 12.4),
        started("rule/vault", Action::Create),
        finished("rule/vault", Action::Create, 0.4),
        Event::Note { text: "Macie is off".into() },
        summary(0, [2, 1, 3, 0, 0]),
    ]
}

pub fn failing_run() -> Vec<Event> {
    vec![
        Event::Planned { command: Command::Up, plan: plan() },
        started("bucket/vault", Action::Update),
        started("function", Action::Create),
        Event::Failed { name: "function".into(), action: Action::Create, error: failure() },
        Event::Blocked { name: "rule/vault".into(), by: "function".into() },
        finished("bucket/vault", Action::Update, 2.14),
        summary(1, [0, 1, 3, 1, 1]),
    ]
}

pub fn interrupted_run() -> Vec<Event> {
    vec![
        Event::Planned { command: Command::Up, plan: plan() },
        started("bucket/vault", Action::Update),
        Event::Note { text: "interrupted: finishing what is in flight".into() },
        Event::Skipped { name: "function".into() },
        Event::Skipped { name: "rule/vault".into() },
        finished("bucket/vault", Action::Update, 2.14),
        summary(130, [0, 1, 3, 0, 2]),
    ]
}

pub fn judged() -> Vec<Judged> {
    let row = |file: &str, status: &str, place: &str, reasons: &[&str]| Judged {
        file: file.into(),
        status: status.into(),
        reasons: reasons.iter().map(ToString::to_string).collect(),
        place: place.into(),
        seconds: 3.1,
    };
    vec![
        row("orders.csv", "VAULT_COPY", "vault: s3://cv-vault-zone-626fa970/orders.csv", &[]),
        row(
            "顧客|<b>.csv",
            "HAS_FINDINGS",
            "analytics: s3://cv-analytics-zone-626fa970/顧客.csv",
            &["2 card numbers", "1 IBAN"],
        ),
        row(
            "broken.json",
            "INTEGRITY_FAIL",
            "analytics: s3://cv-analytics-zone-626fa970/broken.json",
            &["not JSON:\nline 3"],
        ),
    ]
}
