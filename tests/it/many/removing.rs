//! `cvault down --delete-data` over many versions: all of them go, in the memory that any other run takes.

use super::{MOST, wanted, watched};
use crate::support::Stack;
use cvault::vault::names::Zone;
use futures::{StreamExt, stream};
use std::time::Instant;

/// How many delete markers there are, unless somebody wants more: so many that S3 gives them in pages.
const MARKERS: usize = 4_000;
/// How many versions a call deletes, and each of these leaves a marker.
const AT_A_TIME: usize = 1_000;

/// Delete markers, of keys that nothing was ever stored under: of all versions these are made fastest.
async fn fill(stack: &Stack, markers: usize) {
    let firsts = stream::iter((0..markers).step_by(AT_A_TIME));
    let calls = firsts.map(async |first| {
        let keys = (first..markers.min(first + AT_A_TIME)).map(|n| format!("{:x}/{n:08}", n % 16));
        stack.mark_deleted(Zone::Analytics, keys).await;
    });
    calls.buffer_unordered(4).collect::<Vec<_>>().await;
}

#[tokio::test]
async fn what_is_removed_takes_the_same_memory() {
    let markers = wanted().unwrap_or(MARKERS);
    let stack = Stack::new();
    stack.up();
    fill(&stack, markers).await;
    let begun = Instant::now();
    let (rows, most) = watched(&stack, &["down", "--delete-data", "--yes"]);
    println!("down: {markers} in {:.1} s, {most} kB of memory at most", begun.elapsed().as_secs_f64());
    assert!(rows.count() > 0);
    assert!(most < MOST, "{most} kB");
    assert_eq!(stack.leftovers().await, Vec::<String>::new());
}
