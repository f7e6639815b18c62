//! The digest that a companion says, and the one that a file has.

mod lines;

use crate::messages::{Companion, Result};
use crate::objects::Place;
use crate::steps::Vault;
use contract::ingress;
use lines::{decoded, digest};
use md5::Md5;
use sha2::{Digest, Sha256, Sha512};
use std::fmt::Write;

/// What a companion with a digest may have, in bytes.
const LARGEST: u64 = 64 << 10;

/// Whether nothing is lost with a companion of this end, and the digest that it says, if it has to.
pub(super) async fn said(
    vault: &Vault,
    place: Place<'_>,
    (file, end): (&str, &str),
    size: u64,
) -> Result<(bool, Option<String>)> {
    match ingress::digits(end) {
        Some(digits) => read(vault, place, (file, digits), size).await,
        None => Ok((size == 0, None)),
    }
}

/// Whether a companion is the digest alone, and the digest; an empty one where it has none.
async fn read(
    vault: &Vault,
    place: Place<'_>,
    (file, digits): (&str, usize),
    size: u64,
) -> Result<(bool, Option<String>)> {
    let length = usize::try_from(size.min(LARGEST)).unwrap_or_default();
    let bytes = vault.objects.get_range(place, 0, length).await?.unwrap_or_default();
    let text = decoded(&bytes);
    let digest = digest(&text, file, digits).filter(|_| size <= LARGEST);
    let is_alone = digest.is_some() && text.lines().filter(|line| !line.trim().is_empty()).count() == 1;
    Ok((size == 0 || is_alone, Some(digest.unwrap_or_default())))
}

/// The digests of a file's bytes that its companions ask for.
pub(in crate::steps) struct Digests(Vec<Asked>);

struct Asked {
    companion: String,
    digest: String,
    /// Whether the companion was there before its file.
    was_before: bool,
    found: Made,
}

/// A digest that is being made: of which kind it is, the number of its digits says.
enum Made {
    None,
    Md5(Md5),
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

impl Digests {
    /// Those of a file with these companions.
    pub(in crate::steps) fn of(companions: &[Companion]) -> Self {
        let asked = companions.iter().filter_map(|it| {
            let digest = it.digest.clone()?;
            let found = match digest.len() {
                32 => Made::Md5(Md5::new()),
                64 => Made::Sha256(Sha256::new()),
                128 => Made::Sha512(Sha512::new().into()),
                _ => Made::None,
            };
            Some(Asked { companion: it.end.clone(), digest, was_before: it.is_before, found })
        });
        Self(asked.collect())
    }

    /// The next bytes.
    pub(in crate::steps) fn update(&mut self, bytes: &[u8]) {
        for asked in &mut self.0 {
            match &mut asked.found {
                Made::None => {}
                Made::Md5(digest) => digest.update(bytes),
                Made::Sha256(digest) => digest.update(bytes),
                Made::Sha512(digest) => digest.update(bytes),
            }
        }
    }

    /// Why the bytes are not those that a companion is about.
    pub(in crate::steps) fn mismatch(self) -> Option<String> {
        self.0.into_iter().find_map(|Asked { companion, digest, was_before, found }| {
            let found = match found {
                Made::None if was_before => {
                    let why =
                        "was there before it and is an earlier version's, or has no digest of it: upload both again";
                    return Some(format!("its companion (*{companion}) {why}"));
                }
                Made::None => {
                    return Some(format!("its companion (*{companion}) has not come, or has no digest of it"));
                }
                Made::Md5(found) => hex(found),
                Made::Sha256(found) => hex(found),
                Made::Sha512(found) => hex(*found),
            };
            let before = if was_before { ", which was there before it and may be an earlier version's," } else { "" };
            let says = || {
                format!(
                    "its companion (*{companion}){before} says {digest}, and its bytes have {found}: upload both again"
                )
            };
            (found != digest).then(says)
        })
    }
}

fn hex(digest: impl Digest) -> String {
    digest.finalize().iter().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "{byte:02x}");
        all
    })
}
