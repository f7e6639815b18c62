//! The alarms: what each watches, and from when on it tells. They tell whoever is told of held files.

use super::names::Names;
use super::resources::cloudwatch_alarm::{Tells, Watch};
use super::settings::Settings;
use contract::metrics;

/// Five minutes, the shortest time after which AWS has all numbers of its own services.
const PERIOD: i32 = 300;
const HOUR: i32 = 3600;

/// Every alarm there is, and whether it is wanted where Macie is used or not.
#[must_use]
pub fn all(names: &Names, settings: &Settings, is_macie_used: bool) -> Vec<(Watch, bool)> {
    let wanted = &settings.alarms;
    // Without sweeps nobody counts what waits.
    let unjudged = wanted.unjudged && settings.sweep.enabled;
    let sweeps = wanted.sweeps && settings.sweep.enabled;
    let failed = [
        ("executions-failed", "ExecutionsFailed", "have failed"),
        ("executions-aborted", "ExecutionsAborted", "were aborted"),
        ("executions-timed-out", "ExecutionsTimedOut", "have run out of time"),
    ];
    let executions = failed.map(|(name, metric, what)| (executions(names, name, metric, what), wanted.executions));
    let others = [
        (dead_letters(names), wanted.dead_letters),
        (notices(names), wanted.notices),
        (macie_queue(names), wanted.macie_queue && is_macie_used),
        (unjudged_files(names, settings.sweep.interval_minutes), unjudged),
        (no_sweeps(names, settings.sweep.interval_minutes), sweeps),
        (function(names, "errors", "Errors", "calls of the function fail"), wanted.errors),
        (function(names, "throttles", "Throttles", "calls of the function find no place"), wanted.throttles),
    ];
    executions.into_iter().chain(others).collect()
}

/// The ARNs of those that are wanted.
#[must_use]
pub fn arns(names: &Names, settings: &Settings, is_macie_used: bool) -> Vec<String> {
    let wanted = all(names, settings, is_macie_used).into_iter().filter(|(_, wanted)| *wanted);
    wanted.map(|(watch, _)| names.alarm_arn(watch.name)).collect()
}

fn executions(names: &Names, name: &'static str, metric: &'static str, what: &str) -> Watch {
    let description = format!("executions of {} {what}: what they judge stays where it is", names.state_machine());
    let dimension = ("StateMachineArn", names.state_machine_arn());
    watch(names, name, &description, ("AWS/States", metric), dimension)
}

fn dead_letters(names: &Names) -> Watch {
    let (description, dimension) = ("events could not be delivered", ("QueueName", names.dead_letters()));
    let metric = ("AWS/SQS", "ApproximateNumberOfMessagesVisible");
    Watch { statistic: "Maximum", ..watch(names, "dead-letters", description, metric, dimension) }
}

/// A notice is told of as soon as its window is over, and tried again after 20 minutes. One that was taken out three times
/// counts no more in this metric, so that none comes to an hour.
const UNTOLD: i32 = 1500;

fn notices(names: &Names) -> Watch {
    let (description, dimension) = ("notices have been waiting for 25 minutes", ("QueueName", names.notices()));
    let metric = ("AWS/SQS", "ApproximateAgeOfOldestMessage");
    Watch { statistic: "Maximum", threshold: UNTOLD, ..watch(names, "notices", description, metric, dimension) }
}

/// A file is taken out within seconds, or tried again after some minutes where no job can be had for it.
fn macie_queue(names: &Names) -> Watch {
    let (description, dimension) = ("files have been waiting for a job of Macie's", ("QueueName", names.macie_queue()));
    let metric = ("AWS/SQS", "ApproximateAgeOfOldestMessage");
    Watch { statistic: "Maximum", threshold: UNTOLD, ..watch(names, "macie-queue", description, metric, dimension) }
}

/// Sweeps count them, and what they count is there until the next one has looked.
fn unjudged_files(names: &Names, interval_minutes: u32) -> Watch {
    let description = "files have been in ingress for more than an hour and nobody judges them";
    let dimension = (metrics::FUNCTION, names.function());
    Watch {
        period: HOUR,
        evaluation_periods: hours(interval_minutes),
        ..watch(names, "unjudged", description, (metrics::NAMESPACE, metrics::UNJUDGED), dimension)
    }
}

/// Who counts what nobody judges, and judges it: a rule that is off, or that Step Functions refuses, begins none.
fn no_sweeps(names: &Names, interval_minutes: u32) -> Watch {
    let description = "no sweep has begun: files that nobody reports are not found";
    let dimension = ("StateMachineArn", names.sweep_arn());
    Watch {
        period: HOUR,
        evaluation_periods: hours(interval_minutes),
        datapoints_to_alarm: hours(interval_minutes),
        tells: Tells::Missed,
        ..watch(names, "sweeps", description, ("AWS/States", "ExecutionsStarted"), dimension)
    }
}

/// In so many hours at least one sweep begins.
fn hours(interval_minutes: u32) -> i32 {
    i32::try_from(interval_minutes.div_ceil(60)).unwrap_or(i32::MAX).saturating_add(1)
}

/// A call that fails, or finds no place, is tried again, which is normal at times: not for a quarter of an hour.
fn function(names: &Names, name: &'static str, metric: &'static str, what: &str) -> Watch {
    let description = format!("{what} for a quarter of an hour");
    let dimension = ("FunctionName", names.function());
    Watch {
        evaluation_periods: 3,
        datapoints_to_alarm: 3,
        threshold: 5,
        ..watch(names, name, &description, ("AWS/Lambda", metric), dimension)
    }
}

/// An alarm that tells as soon as there is one.
fn watch(
    names: &Names,
    name: &'static str,
    description: &str,
    (namespace, metric): (&'static str, &'static str),
    dimension: (&'static str, String),
) -> Watch {
    let stack = &names.stack;
    let description = format!("cvault, stack {stack}: {description}. `cvault status` and `cvault doctor` say more");
    Watch {
        name,
        description,
        namespace,
        metric,
        dimension,
        statistic: "Sum",
        period: PERIOD,
        evaluation_periods: 1,
        datapoints_to_alarm: 1,
        threshold: 1,
        tells: Tells::Reached,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::settings::{AlarmSettings, SweepSettings};

    fn wanted(settings: &Settings) -> Vec<&'static str> {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        all(&names, settings, true).into_iter().filter(|(_, wanted)| *wanted).map(|(watch, _)| watch.name).collect()
    }

    #[test]
    fn each_can_be_switched_off() {
        let every = wanted(&Settings::default());
        assert_eq!(every.len(), 10);
        let on = AlarmSettings::default();
        for (alarms, off) in [
            (AlarmSettings { executions: false, ..on }, "executions-failed executions-aborted executions-timed-out"),
            (AlarmSettings { dead_letters: false, ..on }, "dead-letters"),
            (AlarmSettings { notices: false, ..on }, "notices"),
            (AlarmSettings { macie_queue: false, ..on }, "macie-queue"),
            (AlarmSettings { unjudged: false, ..on }, "unjudged"),
            (AlarmSettings { sweeps: false, ..on }, "sweeps"),
            (AlarmSettings { errors: false, ..on }, "errors"),
            (AlarmSettings { throttles: false, ..on }, "throttles"),
        ] {
            let left = wanted(&Settings { alarms, ..Settings::default() });
            let off: Vec<_> = off.split(' ').collect();
            assert_eq!(left, every.iter().copied().filter(|name| !off.contains(name)).collect::<Vec<_>>());
        }
        let sweep = SweepSettings { enabled: false, ..SweepSettings::default() };
        let without = wanted(&Settings { sweep, ..Settings::default() });
        assert!(!without.contains(&"unjudged") && !without.contains(&"sweeps"), "nobody counts");
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let wanted = all(&names, &Settings::default(), false).into_iter().filter(|(_, wanted)| *wanted);
        assert_eq!(wanted.filter(|(watch, _)| watch.name == "macie-queue").count(), 0, "there is no such queue");
    }

    /// The only one whose silence tells: with both rules off nothing else has any number.
    #[test]
    fn that_nobody_sweeps_is_told_of() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        let all = all(&names, &Settings::default(), true);
        let missed: Vec<_> = all.iter().filter(|(watch, _)| watch.tells == Tells::Missed).map(|(it, _)| it).collect();
        let [sweeps] = missed[..] else { panic!("{missed:#?}") };
        assert_eq!(sweeps.dimension, ("StateMachineArn", names.sweep_arn()));
        assert_eq!((sweeps.period, sweeps.evaluation_periods, sweeps.datapoints_to_alarm), (HOUR, 2, 2));
    }

    /// CloudWatch looks back a week at most, where a period has an hour, and else a day.
    #[test]
    fn what_a_sweep_has_counted_is_seen_until_the_next_one() {
        let names = Names::new("aws", "123456789012", "eu-west-1", "s", Some("x"));
        for minutes in [5, 60, 61, 90, 1440] {
            for watch in [unjudged_files(&names, minutes), no_sweeps(&names, minutes)] {
                let seconds = watch.period * watch.evaluation_periods;
                let interval = i32::try_from(minutes).unwrap() * 60;
                assert!(seconds >= interval + HOUR && seconds <= 7 * 24 * HOUR, "{minutes}");
            }
        }
    }

    #[test]
    fn the_longest_description_fits() {
        let names = Names::new("aws", "123456789012", "eu-west-1", &"s".repeat(64), Some(&"x".repeat(32)));
        for (watch, _) in all(&names, &Settings::default(), true) {
            assert!(watch.description.len() <= 1024 && names.alarm(watch.name).len() <= 255);
        }
    }
}
