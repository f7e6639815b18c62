//! Files whose content was damaged before it was packed: sizes and checksums are right, and only what is inside tells.

use std::io::Read;

use flate2::read::DeflateDecoder;
use proptest::prelude::*;
use proptest::sample::select;

use crate::damage::{Change, changed, changes, single};
use crate::gzip::gzip;
use crate::pdf::Pdf;
use crate::support::samples;
use crate::zip::zip;

/// A file before it is packed.
#[derive(Debug, Clone)]
enum Base {
    Gzip(String, Vec<u8>),
    /// An archive or a document, and its members.
    Zip(String, Vec<(String, Vec<u8>)>),
    Pdf(Vec<u8>),
}

impl Base {
    /// Damages one of its parts, and packs all.
    fn pack(self, which: usize, changes: Vec<Change>) -> (String, Vec<u8>) {
        match self {
            Self::Gzip(name, mut text) => {
                changed(&mut text, b"tide", changes);
                (format!("{name}.gz"), gzip(&text))
            }
            Self::Zip(name, mut members) => {
                let other = members[0].1.clone();
                let number = which % members.len();
                changed(&mut members[number].1, &other, changes);
                let members: Vec<_> = members.iter().map(|(name, data)| (&**name, &**data)).collect();
                (name, zip(&members))
            }
            Self::Pdf(mut content) => {
                changed(&mut content, b"(tide) Tj", changes);
                let font = "/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>";
                ("a.pdf".to_owned(), Pdf::page(font, &content).finish())
            }
        }
    }
}

/// A file of which a part was damaged before it was packed: by some changes, or by a single one of a byte.
pub fn repacked() -> impl Strategy<Value = (String, Vec<u8>)> {
    let texts = samples("integrity").into_iter().chain(samples("sensitive")).filter(|sample| sample.1.len() < 20_000);
    let texts = texts.filter(|sample| {
        let known = |end: &&str| sample.0.ends_with(*end);
        [".csv", ".json", ".xml", ".txt", ".ndjson"].iter().any(known)
    });
    let mut all: Vec<Base> = texts.map(|sample| Base::Gzip(sample.0, sample.1)).collect();
    for (name, bytes, _) in samples("formats") {
        let of_zip = [".xlsx", ".docx", ".zip"].iter().any(|end| name.ends_with(end)) && bytes.len() < 60_000;
        let members = if of_zip { members(&bytes) } else { None };
        all.extend(members.map(|members| Base::Zip(name, members)));
    }
    let content = b"q BT /F1 12 Tf 14 TL 10 100 Td (card) Tj [(nu) 20 (mber)] TJ T* <31> ' ET Q";
    all.extend(vec![Base::Pdf(content.to_vec()); all.len() / 3]);
    let sign = || prop_oneof![any::<u8>(), select(b"<>&\"'/=;, \n\x00\xff1x".to_vec())];
    let change = prop_oneof![changes(sign()), single(sign())];
    (select(all), any::<usize>(), change).prop_map(|(base, which, changes)| base.pack(which, changes))
}

/// The members of an archive, where all of them can be had and there is one.
fn members(archive: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let end = archive.windows(4).rposition(|mark| mark == b"PK\x05\x06")?;
    let narrow = |at: usize| Some(usize::from(u16::from_le_bytes(*archive.get(at..)?.first_chunk()?)));
    let wide = |at: usize| usize::try_from(u32::from_le_bytes(*archive.get(at..)?.first_chunk()?)).ok();
    let (mut at, mut all) = (wide(end + 16)?, Vec::new());
    for _ in 0..narrow(end + 10)? {
        let (method, packed, name, start) = (narrow(at + 10)?, wide(at + 20)?, narrow(at + 28)?, wide(at + 42)?);
        let data = start + 30 + narrow(start + 26)? + narrow(start + 28)?;
        let data = archive.get(data..data.checked_add(packed)?)?;
        let mut plain = Vec::new();
        match method {
            0 => plain.extend_from_slice(data),
            8 => drop(DeflateDecoder::new(data).read_to_end(&mut plain).ok()?),
            _ => return None,
        }
        all.push((String::from_utf8(archive.get(at + 46..at + 46 + name)?.to_vec()).ok()?, plain));
        at += 46 + name + narrow(at + 30)? + narrow(at + 32)?;
    }
    Some(all).filter(|all| !all.is_empty())
}
