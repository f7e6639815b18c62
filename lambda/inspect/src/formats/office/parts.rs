//! Parts that are no XML: what is let pass, and why the others are refused.

use contract::Format;

use super::{media, prefix};
use crate::codecs::gzip::Members;
use crate::formats::hidden;
use crate::formats::zip::{Entry, Member};
use crate::input::nested::{Stream, judge_member, shown, within};
use crate::pass::Pass;
use crate::recognise::{self, Claim};
use crate::scan::loose;
use crate::verdict::{Kind, Reason, Stop};

/// Extensions of pictures, fonts, audio and video.
const MEDIA: &[&str] = &[
    "png", "jpg", "jpeg", "jfif", "gif", "bmp", "tif", "tiff", "emf", "wmf", "emz", "wmz", "pct", "pict", "wdp", "hdp",
    "webp", "jp2", "ico", "cur", "odttf", "ttf", "otf", "fntdata", "mp3", "mp4", "m4a", "m4v", "mov", "wav", "wma",
    "wmv", "avi", "mpg", "mpeg",
];

const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

const REMOVE: &str = "remove it, or save the document as PDF";

/// Judges a part by its content.
pub(super) fn check(format: Format, entry: &Entry, part: &mut Stream<Member>, pass: &mut Pass) -> Result<(), Stop> {
    let name = &*entry.name;
    let claim = Claim::of(pass.known, name);
    let extension = if let Claim::Unknown(extension) = &claim { extension.as_str() } else { "" };
    let head = part.peek(media::HEAD);
    let hidden = extension == "odttf" && media::is_hidden_font(head);
    let packed = matches!(extension, "emz" | "wmz") && head.starts_with(b"\x1F\x8B");
    let ole = head.starts_with(OLE);
    let media = media::is_media(head) || hidden || head.is_empty();
    let container = is_loose(name) && (hidden::is_container(head) || recognise::is_binary(pass.known, head));
    if !ole && (media || is_loose(name)) && !container {
        return scan(format, entry, part, media, pass);
    }
    if container {
        // By its content: what its name ends with says nothing.
        let bare = name.rsplit_once('.').map_or(name, |parts| parts.0);
        return judge_member(bare, &format!("{format}: "), part, pass).map(drop);
    }
    match claim {
        Claim::Known(_) if !ole => judge_member(name, &format!("{format}: "), part, pass).map(drop),
        _ if packed => check_packed(format, entry, part, pass),
        _ => Err(refusal(format, entry, ole, MEDIA.contains(&extension)).into()),
    }
}

/// Parts of bytes whose text is scanned: settings of printers, properties of add-ins, which are UTF-16, and
/// what Office fills deleted parts with.
fn is_loose(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let settings = name.contains("printersettings/") && has_extension(&name, "bin");
    let properties = name.starts_with("xl/customproperty") && has_extension(&name, "bin");
    settings || properties || name.starts_with("[trash]/")
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|parts| parts.1 == extension)
}

/// Lets a part pass, and scans what of it is text.
fn scan(format: Format, entry: &Entry, part: &mut Stream<Member>, media: bool, pass: &mut Pass) -> Result<(), Stop> {
    pass.scanner.enter(&shown(&entry.name));
    let verdict = within(&prefix(format, entry), part, |part| hidden::scan(media, part, pass));
    pass.scanner.leave();
    verdict
}

/// Unpacks a metafile.
fn check_packed(format: Format, entry: &Entry, part: &mut Stream<Member>, pass: &mut Pass) -> Result<(), Stop> {
    let _level = pass.budget.enter().map_err(|fault| fault.stop(format, entry.offset))?;
    pass.scanner.enter(&shown(&entry.name));
    let prefix = prefix(format, entry);
    let verdict = within(&prefix, part, |part| {
        let mut inside = Stream::new(Members::new(part, pass.budget.clone()));
        if !media::is_metafile(inside.peek(media::HEAD)) {
            let text = format!("what is packed in it is no picture ({REMOVE})");
            return within("", &mut inside, |_| Err(Reason { kind: Kind::Mismatch, text }.into()));
        }
        within("", &mut inside, |inside| hidden::scan(true, inside, pass))?;
        for (place, bytes) in inside.into_source().into_beside() {
            loose::scan(&mut pass.scanner, place, &bytes);
        }
        Ok(())
    });
    pass.scanner.leave();
    verdict
}

/// Why a part is refused, and what to do.
fn refusal(format: Format, entry: &Entry, ole: bool, media: bool) -> Reason {
    let name = entry.name.to_ascii_lowercase();
    let (kind, what) = if name.contains("vbaproject") {
        (Kind::Unsupported, format!("macros (save it without them, as .{format})"))
    } else if name.contains("activex") {
        (Kind::Unsupported, format!("an ActiveX control ({REMOVE})"))
    } else if ole || name.contains("embeddings/") {
        let what = "an embedded object that cannot be inspected (embed it as .xlsx, .docx or .pdf, turn it into a \
                    picture, or remove it)";
        (Kind::Unsupported, what.to_owned())
    } else if media {
        (Kind::Mismatch, format!("it is named like a picture, font, sound or film, and is none ({REMOVE})"))
    } else {
        (Kind::Unsupported, format!("a part that cannot be inspected ({REMOVE})"))
    };
    Reason { kind, text: format!("{}{what}", prefix(format, entry)) }
}
