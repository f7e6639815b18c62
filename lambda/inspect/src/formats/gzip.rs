//! gzip: what is inside is judged as it is decompressed, by the name without `.gz`.

use contract::Format;

use crate::codecs::gzip::Members;
use crate::input::nested::{Stream, judge_inside};
use crate::pass::{Input, Named, Pass};
use crate::recognise;
use crate::verdict::Stop;

/// Judges a gzip file and what is in it.
pub(crate) fn check(file: Named, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    let _level = pass.budget.enter().map_err(|fault| fault.stop(Format::Gzip, 0))?;
    let members = Members::new(input.stream, pass.budget.clone());
    judge_inside(&recognise::inside(file.name), "gzip: ", &mut Stream::new(members), pass)
}
