//! gzip: what is inside is judged as it is decompressed, by the name without `.gz`.
//!
//! | part | what becomes of it |
//! |---|---|
//! | content of all members, one behind the other | judged as one file |
//! | name, comment (64 KiB at most each) | scanned, as UTF-8 or Latin-1, behind the content |
//! | extra field | scanned so; one of less than 9 bytes (the length of a block, as bgzip has it) is too short for any value |
//! | flags, checksum of the header, checksum and length of the content | compared; unknown flags are refused |
//! | time, level, operating system (6 bytes) | not looked at |
//! | bytes behind the last member | refused |

use contract::Format;

use crate::codecs::gzip::Members;
use crate::formats::hidden;
use crate::input::nested::{Stream, judge_inside};
use crate::pass::{Input, Named, Pass};
use crate::recognise;
use crate::scan::loose;
use crate::verdict::{Kind, Reason, Stop};

/// Judges a gzip file and what is in it.
pub(crate) fn check(file: Named, Input { stream, .. }: Input, pass: &mut Pass) -> Result<(), Stop> {
    let _level = pass.budget.enter().map_err(|fault| fault.stop(Format::Gzip, 0))?;
    let members = Members::new(stream, pass.budget.clone());
    let mut stream = Stream::new(members);
    judge_inside(&recognise::inside(file.name), "gzip: ", &mut stream, pass)?;
    for (place, bytes) in stream.into_source().into_beside() {
        if let Some(what) = hidden::find_in(&bytes) {
            let text = format!("gzip: {what} in its name, comment or extra field (pack again without it)");
            return Err(Reason { kind: Kind::Mismatch, text }.into());
        }
        loose::scan(&mut pass.scanner, place, &bytes);
    }
    Ok(())
}
