//! Follows files through the vault: where each is, what it was judged, and which link keeps it from its end.

use super::super::Session;
use super::ear::Ear;
use super::executions::{Execution, Executions};
use super::links::{self, Links};
use super::sent::{Sent, Time, send_again};
use crate::commands::held::failed;
use crate::deploy::event::Event;
use crate::outcome::row::{Canary as Row, Health};
use crate::vault::names::Zone;
use anyhow::Result;
use classifier::copies;
use classifier::objects::{EXECUTION, Objects, Place, STATUS};
use contract::Status;
use contract::canary::Canary;
use futures::future::try_join_all;
use std::time::Duration;
use tokio::time::Instant;

/// How long to wait on, once it is known that a link on the way is broken: the run fails in any case.
const PATIENCE: Duration = Duration::from_secs(3);
/// The same for a judgement, which may wait for a function to start.
const LONGER_PATIENCE: Duration = Duration::from_secs(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where a file is, and what is said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a place where it is or is not, whatever the others say")]
struct Seen {
    in_ingress: bool,
    /// Whether its copy is in analytics.
    has_copy: bool,
    /// Whether it is in the vault.
    is_stored: bool,
    /// The verdict, by the tags of where it ended.
    status: Option<String>,
    /// Whether it is there byte for byte; asked at its end only.
    is_whole: bool,
    is_told: bool,
    execution: Option<Execution>,
    /// The execution that judged it, by the tags of where it ended: Express ones cannot be listed.
    judge: Option<String>,
    /// What the execution that is to clear the copy has failed with.
    not_cleared: Option<String>,
}

/// How far a file has come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Done,
    NotBegun,
    Judging,
    NotCleared,
    NotTold,
    /// It ended, and not as it has to.
    Wrong(String),
}

/// Follows all of them to their ends, or to the deadline.
pub(super) async fn to_the_end(
    (session, links): (&Session, &Links),
    ear: &mut Ear<'_>,
    mut executions: Executions<'_>,
    (mut sent, time): (Vec<Sent>, Time),
) -> Result<Vec<Row>> {
    let mut rows: Vec<Option<Row>> = sent.iter().map(|_| None).collect();
    let mut pause = Duration::from_millis(300);
    let mut told = String::new();
    loop {
        let versions: Vec<_> = sent.iter().map(|sent| sent.version.as_str()).collect();
        ear.listen(&versions).await?;
        executions.look().await?;
        let open = sent.iter().enumerate().filter(|(at, _)| rows[*at].is_none());
        let looks = open.map(async |(at, sent)| {
            Ok::<_, anyhow::Error>((at, sent, Box::pin(look(session, sent, &executions, ear)).await?))
        });
        let is_over = Instant::now() >= time.deadline;
        let mut unheard = vec![];
        for (at, sent, seen) in try_join_all(looks).await? {
            rows[at] = end(sent, &seen, links, is_over);
            let is_unheard = stage(sent.canary, &seen) == Stage::NotBegun && sent.at.elapsed() >= time.again;
            unheard.extend((rows[at].is_none() && is_unheard).then_some(at));
        }
        for at in unheard {
            send_again(session, &mut sent[at]).await?;
        }
        let text = so_far(&rows);
        if text != told {
            told.clone_from(&text);
            session.events.send(Event::Progress { name: "verify".into(), text });
        }
        if rows.iter().all(Option::is_some) {
            return Ok(rows.into_iter().flatten().collect());
        }
        session.aws.pause("the files to come through the vault", pause).await?;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

/// How many files are through. One that is waited for no more is not.
fn so_far(rows: &[Option<Row>]) -> String {
    let are = |wanted: fn(&Row) -> bool| rows.iter().flatten().filter(|row| wanted(row)).count();
    let given_up = match are(|row| row.state != Health::Good) {
        0 => String::new(),
        count => format!(", {count} given up"),
    };
    format!("{} of {} files are through{given_up}", are(|row| row.state == Health::Good), rows.len())
}

async fn look(session: &Session, sent: &Sent, executions: &Executions<'_>, ear: &Ear<'_>) -> Result<Seen> {
    let (canary, key) = (sent.canary, sent.canary.key());
    let [ingress, analytics, vault] = Zone::ALL.map(|zone| session.names.bucket(zone));
    let objects = Objects::new(session.aws.s3.clone());
    let id = copies::copy_id(&ingress, key, &sent.version);
    let copy = copies::analytics_key(&id, key);
    let (uploaded, copied, stored) = futures::try_join!(
        objects.versions_of(&ingress, key),
        objects.versions_of(&analytics, &copy),
        objects.versions_of(&vault, key),
    )
    .map_err(failed)?;
    let mut seen = Seen {
        in_ingress: uploaded.iter().any(|it| it.version_id == sent.version),
        has_copy: !copied.is_empty(),
        is_told: ear.has_heard(&sent.version),
        execution: executions.of(&ingress, key, &sent.version).cloned(),
        ..Seen::default()
    };
    let mut place = copied.first().map(|copy| (&analytics, &copy.key, &copy.version_id));
    for listed in &stored {
        let at = Place { bucket: &vault, key, version_id: Some(&listed.version_id) };
        let head = objects.head(at).await.map_err(failed)?;
        if head.is_some_and(|head| head.metadata(copies::COPY) == Some(&id)) {
            seen.is_stored = true;
            let clearing = executions.of(&vault, key, &listed.version_id);
            seen.not_cleared = clearing.and_then(|it| it.failure.clone());
            place = Some((&vault, &listed.key, &listed.version_id));
            break;
        }
    }
    if let Some((bucket, key, version)) = place {
        let at = Place { bucket, key, version_id: Some(version) };
        let tags = objects.tags(at).await.map_err(failed)?.unwrap_or_default();
        let tag = |name: &str| tags.iter().find(|tag| tag.key == name).map(|tag| tag.value.clone());
        (seen.status, seen.judge) = (tag(STATUS), tag(EXECUTION));
        if seen.status.is_some() && !seen.in_ingress {
            let body = objects.read(at, canary.body.len() + 1).await.map_err(failed)?;
            seen.is_whole = body.is_some_and(|body| body == canary.body);
        }
    }
    Ok(seen)
}

fn stage(canary: &Canary, seen: &Seen) -> Stage {
    let (expected, is_clean) = (canary.status.to_string(), canary.status == Status::VaultCopy);
    if let Some(failure) = seen.execution.as_ref().and_then(|it| it.failure.as_ref()) {
        return Stage::Wrong(failure.clone());
    }
    if seen.is_stored && !is_clean {
        return Stage::Wrong(format!("it is in the vault, and has to be held as {expected}"));
    }
    if let Some(status) = seen.status.as_ref().filter(|status| **status != expected) {
        return Stage::Wrong(format!("its verdict is {status}"));
    }
    if let Some(failure) = &seen.not_cleared {
        return Stage::Wrong(format!("its copy in analytics could not be cleared: {failure}"));
    }
    match (seen.status.is_some() && !seen.in_ingress, seen.execution.is_some() || seen.has_copy || seen.is_stored) {
        (true, _) if is_clean && !seen.is_stored => Stage::Judging,
        (true, _) if !seen.is_whole => Stage::Wrong("its bytes are not those that were sent".into()),
        (true, _) if is_clean && seen.has_copy => Stage::NotCleared,
        (true, _) if !is_clean && !seen.is_told => Stage::NotTold,
        (true, _) => Stage::Done,
        (false, true) => Stage::Judging,
        (false, false) => Stage::NotBegun,
    }
}

/// The row, once there is nothing more to wait for.
fn end(sent: &Sent, seen: &Seen, links: &Links, is_over: bool) -> Option<Row> {
    let stage = stage(sent.canary, seen);
    let (patience, suspects) = match &stage {
        Stage::NotBegun => (PATIENCE, links::to_begin()),
        Stage::Judging if seen.execution.as_ref().is_some_and(|it| it.has_succeeded) => (PATIENCE, links::to_judge()),
        Stage::Judging => (LONGER_PATIENCE, links::to_judge()),
        Stage::NotCleared => (PATIENCE, links::to_clear()),
        // Notices are gathered for a while.
        Stage::NotTold => (PATIENCE + links.window, links::to_tell()),
        Stage::Wrong(why) => (Duration::ZERO, suspects_of(why)),
        Stage::Done => (Duration::ZERO, vec![]),
    };
    let broken = links.first(&suspects);
    let waited = sent.since.elapsed();
    let is_hopeless = broken.is_some() && sent.at.elapsed() >= patience;
    if !(is_over || is_hopeless || matches!(stage, Stage::Done | Stage::Wrong(_))) {
        return None;
    }
    let is_done = stage == Stage::Done;
    let seconds = waited.as_secs();
    let says = match stage {
        Stage::Done if seen.is_stored => {
            "stored in the vault byte for byte, and gone from ingress and analytics".into()
        }
        Stage::Done => "held in analytics byte for byte, gone from ingress, and told of".into(),
        Stage::NotBegun => format!("no execution has begun for it within {seconds} s"),
        Stage::Judging => format!("it was not judged to the end within {seconds} s"),
        Stage::NotCleared => format!("its copy in analytics is still there after {seconds} s"),
        Stage::NotTold => format!("no notice of it has come from the topic within {seconds} s"),
        Stage::Wrong(why) => why,
    };
    let (link, fix) = match broken {
        _ if is_done => (None, None),
        Some(check) => (
            Some(check.name.clone()),
            Some(format!("{} {}: {}", check.name, check.says, check.fix.as_deref().unwrap_or_default())),
        ),
        None => (suspects.first().cloned(), Some(NOTHING_DIFFERS.to_owned())),
    };
    Some(Row {
        outcome: sent.canary.outcome,
        state: if is_done { Health::Good } else { Health::Bad },
        key: sent.canary.key(),
        version: Some(sent.version.clone()),
        expected: sent.canary.status.to_string(),
        status: seen.status.clone(),
        says,
        link,
        fix,
        execution: seen.execution.as_ref().map(|it| it.arn.clone()).or_else(|| seen.judge.clone()),
        seconds: waited.as_secs_f64(),
    })
}

const NOTHING_DIFFERS: &str = "the link is as it was declared: look at its execution, at `cvault doctor`, and at policies of the \
                               organisation, which may deny what its own policies allow";

/// Which links a failure's own words are about, before all others.
fn suspects_of(why: &str) -> Vec<String> {
    use crate::vault::steps;
    let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
    let first = if says(&["kms:", "KMS", "Kms"]) {
        vec![steps::KEY.to_owned(), steps::role("classifier")]
    } else if says(&["SNS", "sns:", "Sns", "notified", "NotificationFailed"]) {
        [vec![steps::TOPIC.to_owned()], links::to_tell()].concat()
    } else if says(&["lambda:InvokeFunction"]) {
        vec![steps::role("orchestrator")]
    } else if says(&["Lambda.", "Runtime.", "ResourceNotFound", "TooManyRequests"]) {
        vec![steps::FUNCTION.to_owned()]
    } else if says(&["resource-based policy"]) {
        let [ingress, analytics, vault] = Zone::ALL.map(steps::bucket);
        vec![vault, analytics, ingress]
    } else if says(&["s3:", "Denied", "403"]) {
        let [ingress, analytics, vault] = Zone::ALL.map(steps::bucket);
        vec![steps::role("classifier"), vault, analytics, ingress]
    } else {
        vec![]
    };
    [first, links::to_judge(), links::to_clear()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::plan::StackState;
    use contract::canary;

    fn held() -> Seen {
        let status = Some("HAS_FINDINGS".into());
        Seen { has_copy: true, status, is_whole: true, is_told: true, ..Seen::default() }
    }

    fn stored() -> Seen {
        Seen { is_stored: true, status: Some("VAULT_COPY".into()), is_whole: true, ..Seen::default() }
    }

    fn failed(why: &str) -> Execution {
        Execution { failure: Some(why.into()), ..Execution::default() }
    }

    #[test]
    fn a_clean_file_is_through_when_its_copy_is_cleared() {
        let of = |seen: Seen| stage(&canary::ALL[0], &seen);
        assert_eq!(of(Seen { in_ingress: true, ..Seen::default() }), Stage::NotBegun);
        assert_eq!(of(Seen { in_ingress: true, has_copy: true, ..Seen::default() }), Stage::Judging);
        assert_eq!(of(Seen { in_ingress: true, ..stored() }), Stage::Judging);
        assert_eq!(of(Seen { has_copy: true, ..stored() }), Stage::NotCleared);
        assert_eq!(of(stored()), Stage::Done);
        assert!(matches!(of(held()), Stage::Wrong(why) if why.contains("HAS_FINDINGS")));
        assert!(matches!(of(Seen { is_whole: false, ..stored() }), Stage::Wrong(_)));
        assert!(
            matches!(of(Seen { execution: Some(failed("Denied: x")), ..stored() }), Stage::Wrong(why) if why == "Denied: x")
        );
        assert!(matches!(of(Seen { not_cleared: Some("why".into()), ..stored() }), Stage::Wrong(_)));
    }

    /// Whoever reads the last line is not to think that all went well.
    #[test]
    fn what_is_given_up_is_not_through() {
        let links = Links { stack: StackState::InSync, broken: vec![], window: Duration::ZERO };
        let row = |seen: &Seen| {
            let (canary, now) = (&canary::ALL[1], Instant::now());
            let sent = Sent { canary, version: "v".into(), at: now, since: now };
            end(&sent, seen, &links, true)
        };
        assert_eq!(so_far(&[None, row(&held()), None]), "1 of 3 files are through");
        assert_eq!(so_far(&[None, row(&held()), row(&Seen::default())]), "1 of 3 files are through, 1 given up");
        assert_eq!(so_far(&[row(&Seen::default()), row(&Seen::default())]), "0 of 2 files are through, 2 given up");
    }

    #[test]
    fn a_sensitive_file_is_through_when_it_was_told_of() {
        let of = |seen: Seen| stage(&canary::ALL[1], &seen);
        assert_eq!(of(Seen { is_told: false, ..held() }), Stage::NotTold);
        assert_eq!(of(held()), Stage::Done);
        assert!(matches!(of(stored()), Stage::Wrong(why) if why.contains("it is in the vault")), "the worst of all");
    }

    #[test]
    fn a_failure_s_own_words_name_the_link() {
        for (why, link) in [
            ("Denied: User: arn is not authorized to perform: kms:Decrypt", "key"),
            ("Denied: copy: HTTP 403 AccessDenied with an explicit deny in a resource-based policy", "bucket/vault"),
            ("Denied: not authorized to perform: s3:PutObject", "role/classifier"),
            ("Lambda.AWSLambdaException: not authorized to perform: lambda:InvokeFunction", "role/orchestrator"),
            ("Lambda.TooManyRequestsException: Rate Exceeded", "function"),
            ("Runtime.InvalidEntrypoint: no handler", "function"),
            ("AuthorizationError: not authorized to perform: sns:Publish", "topic"),
            ("its verdict is INTEGRITY_FAIL", "state-machine"),
        ] {
            assert_eq!(suspects_of(why)[0], link, "{why}");
        }
    }
}
