//! What is in a zip: an archive, or an Office document, which is one.

use std::io::Read;

use contract::Format;

use super::office;
use super::zip::{self, Index};
use crate::input::held::Held;
use crate::pass::{Content, Input, Named, Pass, Ranges};
use crate::verdict::{Kind, Reason, Stop};

/// Judges a zip archive, or an Office document.
pub(crate) fn check(file: Named, input: Input, pass: &mut Pass) -> Result<(), Stop> {
    let _level = pass.budget.enter().map_err(|fault| fault.stop(file.format, 0))?;
    let Input { stream, ranges } = input;
    if let Some(ranges) = ranges {
        return check_ranges(file, stream, ranges, pass);
    }
    let held = Held::read(file.format, stream, &pass.budget)?;
    check_ranges(file, &mut held.clone(), &held, pass)
}

fn check_ranges(file: Named, stream: &mut dyn Read, ranges: &dyn Ranges, pass: &mut Pass) -> Result<(), Stop> {
    let Named { format, content, .. } = file;
    let index = Index::read(format, ranges, &pass.budget)?;
    zip::scan_beside(format, &index, &mut pass.scanner)?;
    let package = office::recognise(&index);
    if content == Content::Sniffed {
        pass.accept(package.unwrap_or(format))?;
    }
    match (format, package) {
        (Format::Zip, Some(package)) if content == Content::Sniffed => {
            office::check_package(package, &index, stream, ranges, pass)
        }
        (Format::Zip, _) => zip::check_members(format, &index, stream, pass),
        (_, Some(package)) if package == format => office::check_package(format, &index, stream, ranges, pass),
        _ => {
            let text = format!("{format}: the content is {}", package.unwrap_or(Format::Zip));
            Err(Reason { kind: Kind::Mismatch, text }.into())
        }
    }
}
