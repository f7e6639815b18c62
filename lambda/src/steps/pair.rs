//! Files that come with a companion, `x.csv` with `x.csv.done` or `x.csv.sha256`: a sender's way to say that a file is
//! complete.
//!
//! Whichever of the two comes last has the file judged: the event of a companion is about its file, and a file whose
//! companion has not come ends quietly, to be found by that event, or by the sweep. A digest in the companion is
//! compared with the file's bytes. Once the file has left ingress its companion goes, too, if nothing is lost with
//! it. What stays is judged after [`ALONE`] as a file of its own, and so is a version that another one lies upon, whose
//! companion is gone or another's by then. A file whose companion has not come within a day is held, and told of.
//!
//! A companion that was there before its file may be that of an earlier version: one that says more than it has to stays, and
//! one that is spent goes a moment after its file. It is, where a copy of another version of the key was made since it came:
//! that one was judged by it. So it has not come for this file, which waits for another one. After a day it is compared, if it
//! has a digest, since the same file may have been sent again without it.

use super::{Vault, claim};
use crate::copies::{self, LONGEST_KEY};
use crate::messages::{Companion, FailureKind, Request, Result};
use crate::objects::{Head, Place};
use contract::{canary, ingress};
use md5::Md5;
use sha2::{Digest, Sha256, Sha512};
use std::fmt::Write;

/// How old a companion without its file, or a version below another one, is when it is judged by itself, in seconds.
const ALONE: i64 = 3600;
/// How old a file without its companion is when it is held, in seconds.
const LATE: i64 = 24 * 3600;
/// What a companion with a digest may have, in bytes.
const LARGEST: u64 = 64 << 10;

/// Why there is nothing to judge.
const AWAITED: &str = "its companion, or its file, has not come";
const EARLIER: &str = "its companion is that of an earlier version, and no other one has come";
const ELSEWHERE: &str = "another execution judges its file";
pub(super) const WENT_ALONG: &str = "it was the companion of a file, and went with it";

/// The key of an event's version, what S3 says of it, and whether it is the current one, as far as anybody has asked.
pub(super) type Found = (String, Head, bool);

/// What an event is about.
pub(super) enum Pair {
    /// This version is to be judged.
    Judged { key: String, head: Box<Head>, companions: Vec<Companion> },
    /// Nothing, and why.
    Nothing(&'static str),
}

/// What is to be judged on account of a version.
pub(super) async fn of(vault: &Vault, request: &Request, (key, head, is_current): Found) -> Result<Pair> {
    let alone = |key, head: Head| Pair::Judged { key, head: head.into(), companions: vec![] };
    if request.ingress.pairs.is_empty() || canary::is_reserved(&key) {
        return Ok(alone(key, head));
    }
    if let Some(file) = request.ingress.file_of(&key).map(str::to_owned) {
        let place = Place { bucket: &vault.ingress, key: &file, version_id: None };
        let Some(found) = vault.objects.head(place).await? else {
            return Ok(if claim::age(&head) > ALONE { alone(key, head) } else { Pair::Nothing(AWAITED) });
        };
        if is_judged_elsewhere(vault, request, &file, &found).await? {
            return Ok(Pair::Nothing(ELSEWHERE));
        }
        return together(vault, request, file, found).await;
    }
    if !is_current {
        return Ok(if claim::age(&head) > ALONE { alone(key, head) } else { Pair::Nothing(AWAITED) });
    }
    together(vault, request, key, head).await
}

/// A current file with what came with it, or why it waits.
async fn together(vault: &Vault, request: &Request, key: String, head: Head) -> Result<Pair> {
    let mut companions = companions(vault, request, &key, &head).await?;
    let since = companions.iter().filter_map(|it| it.before).min();
    if since.is_some()
        && let Some(copy) = vault.copy_of(&vault.source(&key, &head.version_id)).await?
    {
        // As whoever has begun to judge it took them, at every further try.
        for said in marked(&copy) {
            match companions.iter_mut().find(|it| it.end == said.end) {
                Some(companion) => companion.digest = said.digest,
                None => companions.push(said),
            }
        }
        return Ok(Pair::Judged { key, head: head.into(), companions });
    }
    let others = match since {
        Some(since) => judged_since(vault, &key, &head, since).await?,
        None => None,
    };
    let is_own = |it: &Companion| it.before.is_none_or(|came| others.is_none_or(|judged| judged < came));
    if companions.iter().any(is_own) {
        for of_another in companions.iter_mut().filter(|it| !is_own(it)) {
            of_another.digest = None;
        }
    } else if let Some(end) = ends(request, &key).next() {
        if claim::age(&head) <= LATE {
            return Ok(Pair::Nothing(if companions.is_empty() { AWAITED } else { EARLIER }));
        }
        if companions.is_empty() {
            companions.push(Companion::said(end, ""));
        }
        // Where one has a digest, the bytes say whether it is theirs.
        if companions.iter().all(|it| it.digest.as_deref().is_none_or(str::is_empty)) {
            for of_another in &mut companions {
                of_another.digest.get_or_insert_default();
            }
        }
    }
    Ok(Pair::Judged { key, head: head.into(), companions })
}

/// When somebody has begun to judge another version of a key, the last time since a moment, in seconds since 1970; `None`
/// too, where somebody judges this one already.
async fn judged_since(vault: &Vault, key: &str, head: &Head, since: i64) -> Result<Option<i64>> {
    let (id, ids) = (vault.source(key, &head.version_id).copy_id(), copies::key_part(&vault.ingress, key));
    let (copied, stored) = futures::try_join!(
        vault.objects.versions(&vault.analytics, &ids),
        vault.objects.stored_since(&vault.vault, key, since),
    )?;
    if copied.iter().any(|listed| listed.key.starts_with(&id)) {
        return Ok(None);
    }
    let mut judged: Vec<_> = copied.iter().map(|listed| listed.stored_at).collect();
    for listed in stored {
        let place = Place { bucket: &vault.vault, key, version_id: Some(&listed.version_id) };
        let copy = vault.objects.head(place).await?;
        match copy.as_ref().and_then(|copy| copy.metadata(copies::COPY)) {
            Some(copy) if copy == id => return Ok(None),
            Some(copy) if copy.starts_with(&ids) => judged.push(listed.stored_at),
            // Somebody has put it there by hand.
            _ => {}
        }
    }
    Ok(judged.into_iter().filter(|at| *at >= since).max())
}

/// Whether the event's object, which is gone, was a companion: it went with its file.
pub(super) fn was_companion(request: &Request) -> bool {
    super::keys(&request.object).iter().any(|key| request.ingress.file_of(key).is_some())
}

/// Whether an execution has made the copy of a file and may still judge it.
async fn is_judged_elsewhere(vault: &Vault, request: &Request, key: &str, head: &Head) -> Result<bool> {
    let copy = vault.copy_of(&vault.source(key, &head.version_id)).await?;
    let claimed = copy.map(|copy| claim::claim(vault, request, &copy));
    Ok(claimed.is_some_and(|claimed| claimed.is_err_and(|failure| failure.kind == FailureKind::Elsewhere)))
}

/// What may stand behind the key of a file whose companion S3 can have.
fn ends<'a>(request: &'a Request, file: &str) -> impl Iterator<Item = &'a str> {
    let room = LONGEST_KEY.saturating_sub(file.len());
    request.ingress.pairs.iter().map(String::as_str).filter(move |end| end.len() <= room)
}

/// The companions of a file that are there.
async fn companions(vault: &Vault, request: &Request, file: &str, of: &Head) -> Result<Vec<Companion>> {
    let looks = ends(request, file).map(async |end| {
        let key = format!("{file}{end}");
        let place = Place { bucket: &vault.ingress, key: &key, version_id: None };
        let Some(head) = vault.objects.head(place).await? else { return Ok(None) };
        let (version_id, size) = (head.version_id.clone(), head.size);
        let place = Place { version_id: Some(&version_id), ..place };
        let (is_spent, digest) = match ingress::digits(end) {
            Some(digits) => read(vault, place, (file, digits), size).await?,
            None => (size == 0, None),
        };
        // S3's times are whole seconds.
        let before = Some(head.stored_at()).filter(|came| *came < of.stored_at());
        Ok(Some(Companion { end: end.to_owned(), version_id: version_id.clone(), is_spent, digest, before }))
    });
    let found: Vec<_> = futures::future::try_join_all(looks).await?;
    Ok(found.into_iter().flatten().collect())
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
    let text = String::from_utf8_lossy(&bytes);
    let name = file.rsplit('/').next().unwrap_or(file);
    let digest = digest(&text, name, digits).filter(|_| size <= LARGEST);
    let is_spent = digest.is_some() && text.lines().filter(|line| !line.trim().is_empty()).count() == 1;
    Ok((is_spent, Some(digest.unwrap_or_default())))
}

/// The digest of a file as `md5sum` and its like write it, with its name or alone.
fn digest(text: &str, name: &str, digits: usize) -> Option<String> {
    let is_digest = |word: &&str| word.len() == digits && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let of_line = |line: &str| {
        let word = line.split(|c: char| !c.is_ascii_alphanumeric()).find(is_digest)?;
        Some((is_about(line, name), word.to_ascii_lowercase()))
    };
    let found: Vec<_> = text.lines().filter_map(of_line).collect();
    match &found[..] {
        [(_, digest)] => Some(digest.clone()),
        several => several.iter().find(|(is_named, _)| *is_named).map(|(_, digest)| digest.clone()),
    }
}

/// Whether a line names a file, with folders before it or not: and no other one whose name ends so.
fn is_about(line: &str, name: &str) -> bool {
    let ends_name = |c: char| c.is_whitespace() || "()*=/".contains(c);
    line.match_indices(name).any(|(at, _)| {
        line[..at].chars().next_back().is_none_or(ends_name)
            && line[at + name.len()..].chars().next().is_none_or(ends_name)
    })
}

/// The mark of a copy that says what its companions say; none, where they say nothing.
pub(super) fn mark(companions: &[Companion]) -> Option<String> {
    let said = companions.iter().filter_map(|it| Some((it, it.digest.as_deref()?)));
    let said: Vec<_> =
        said.map(|(it, digest)| format!("{} {}", it.end, if digest.is_empty() { "-" } else { digest })).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// What the mark of a copy says. They went with their file, so that none of them is to go.
pub(super) fn marked(copy: &Head) -> Vec<Companion> {
    let words: Vec<_> = copy.metadata(copies::DIGESTS).unwrap_or_default().split(' ').collect();
    words.chunks_exact(2).map(|pair| Companion::said(pair[0], pair[1].trim_matches('-'))).collect()
}

impl Companion {
    /// One that is not there, and what it has said; nothing, where it has not come.
    fn said(end: &str, digest: &str) -> Self {
        let digest = Some(digest.to_owned());
        Self { end: end.to_owned(), version_id: String::new(), is_spent: false, digest, before: None }
    }
}

/// The digests of a file's bytes that its companions ask for.
pub(super) struct Digests(Vec<Asked>);

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
    pub(super) fn of(companions: &[Companion]) -> Self {
        let asked = companions.iter().filter_map(|it| {
            let digest = it.digest.clone()?;
            let found = match digest.len() {
                32 => Made::Md5(Md5::new()),
                64 => Made::Sha256(Sha256::new()),
                128 => Made::Sha512(Sha512::new().into()),
                _ => Made::None,
            };
            Some(Asked { companion: it.end.clone(), digest, was_before: it.before.is_some(), found })
        });
        Self(asked.collect())
    }

    /// The next bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
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
    pub(super) fn mismatch(self) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written_by_tools() {
        let (one, other) = ("a".repeat(32), "B".repeat(32));
        for (text, expected) in [
            (one.clone(), Some(&one)),
            (format!("{one}\r\n"), Some(&one)),
            (format!("{one}  a.csv\n"), Some(&one)),
            (format!("{one} *a.csv"), Some(&one)),
            (format!("MD5 (in/a.csv) = {one}"), Some(&one)),
            (format!("{other}  b.csv\n{one}  a.csv\n"), Some(&one)),
            (format!("{other}  ba.csv\n{one}  in/a.csv\n"), Some(&one)),
            (format!("{other}  b.csv\n{one}  c.csv\n"), None),
            (format!("{one}0"), None),
            ("done".into(), None),
            (String::new(), None),
        ] {
            assert_eq!(digest(&text, "a.csv", 32).as_ref(), expected, "{text:?}");
        }
        assert_eq!(digest(&other, "a.csv", 32).unwrap(), other.to_lowercase());
        assert_eq!(digest(&one, "a.csv", 64), None);
    }
}
