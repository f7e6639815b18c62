//! A second emulator, by others: moto. What deploys has to come through there, too, so that no law hangs on one
//! emulator's habits. `CVAULT_MOTO` names a Python that has moto; without one these tests say so and are left out
//! (`.ci/run` installs it).

use crate::drift::{change_everything, every_change_is_named_and_mended};
use crate::matrix;
use crate::ownership::others_add_and_it_stays;
use crate::support::{Other, Stack, Trial};
use crate::together::two_ups;

const NO_TRUTHS: &[&str] = &["--truths", "none"];
const DOWN: &[&str] = &["down"];

/// The calls that wrote since the last look.
fn writes(stack: &Stack) -> Vec<String> {
    let writes = stack.proxy.writes();
    stack.proxy.forget();
    writes
}

/// Its buckets take no notice of tags in the creating call (truths S30).
#[test]
fn what_is_there_is_left_alone_on_a_second_emulator() {
    let Some(moto) = Other::moto(&["--without-tags"]) else { return };
    let stack = moto.stack(NO_TRUTHS).whole();
    stack.run(&["status"]).expect(3);
    stack.up();
    assert!(!writes(&stack).is_empty());
    stack.up();
    stack.run(&["status"]).expect(0);
    assert_eq!(writes(&stack), Vec::<String>::new(), "law 1");
    stack.run(DOWN).expect(0);
    writes(&stack);
    stack.run(DOWN).expect(0);
    assert_eq!(writes(&stack), Vec::<String>::new(), "law 6");
    stack.run(&["status"]).expect(3);
    stack.up();
    stack.run(&["status"]).expect(0);
}

/// Law 2.
#[tokio::test]
async fn every_resource_is_looked_after_on_a_second_emulator() {
    let Some(moto) = Other::moto(&[]) else { return };
    let stack = moto.stack(NO_TRUTHS).whole();
    stack.up();
    let changed = change_everything(&stack).await;
    every_change_is_named_and_mended(&stack, &changed);
}

/// Law 3.
#[test]
fn killed_at_some_calls_on_a_second_emulator() {
    const KILLS: usize = 4;
    let Some(moto) = Other::moto(&[]) else { return };
    let lives = matrix::lives(&moto.stack(NO_TRUTHS).whole());
    let some: Vec<_> = lives.iter().step_by(lives.len() / KILLS).cloned().collect();
    let struck: usize = at_once(&some, |moments| matrix::life(&moto.stack(NO_TRUTHS).whole(), moments)).iter().sum();
    assert!(struck + 1 >= matrix::wanted(&some), "{struck} of {} struck", matrix::wanted(&some));
}

/// Law 4.
#[test]
fn each_call_fails_once_on_a_second_emulator() {
    let Some(moto) = Other::moto(&[]) else { return };
    // A lost answer, a reset, a failure: the others pass through the same code of the SDK's.
    at_once(&matrix::faults()[..3], |fault| matrix::faulty_life(&moto.stack(NO_TRUTHS).whole(), fault));
}

/// Law 5.
#[test]
fn two_at_once_make_one_of_everything_on_a_second_emulator() {
    let Some(moto) = Other::moto(&[]) else { return };
    two_ups(&moto.stack(NO_TRUTHS), Trial { seed: 1 }.chance());
}

/// Law 8.
#[tokio::test]
async fn what_others_added_stays_on_a_second_emulator() {
    let Some(moto) = Other::moto(&[]) else { return };
    others_add_and_it_stays(&moto.stack(NO_TRUTHS)).await;
}

/// What each of them gives, some at a time.
fn at_once<T: Sync, R: Send>(all: &[T], one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let some = |some: &[T]| some.iter().map(&one).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let running: Vec<_> = all.chunks(all.len().div_ceil(3)).map(|chunk| scope.spawn(|| some(chunk))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
