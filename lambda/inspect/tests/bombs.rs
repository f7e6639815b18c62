//! Files that would cost more than they are worth are refused, and for what.
//!
//! What they cost is measured in `memory.rs`.

#[path = "support/bombs.rs"]
mod bombs;
#[path = "archives/gzip.rs"]
mod gzip;
#[path = "archives/zip.rs"]
mod zip;
#[path = "archives/zlib.rs"]
mod zlib;

use bombs::BOMBS;
use gzip::gzip;
use inspect::{Kind, Limits, inspect};

#[test]
fn bombs_are_refused() {
    for bomb in BOMBS {
        let answer = inspect(bomb.name, &(bomb.bytes)()[..], &(bomb.limits)()).unwrap();
        assert_eq!(answer.broken.as_ref().map(|reason| reason.kind), bomb.refused, "{}: {answer:?}", bomb.what);
    }
}

/// The policy's own numbers; takes a while without optimisation.
#[test]
#[ignore = "inspects gigabytes"]
fn more_than_a_gigabyte() {
    let member = gzip(&b"a tide table\n".repeat(1_300_000));
    let answer = inspect("a.txt.gz", &member.repeat(80)[..], &Limits::default()).unwrap();
    assert_eq!(answer.broken.map(|reason| reason.kind), Some(Kind::Bomb));
}
