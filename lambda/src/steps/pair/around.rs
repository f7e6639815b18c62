//! Whose a companion is, where several versions of a file or of its companion are there: as if each event were on time.
//!
//! What of them is judged, or was, the copies say, and by which companions. The others are told by their order: a companion is
//! that of the version which was current when it came, until that has one; then it is that of the next one.

use super::taken::taken;
use crate::copies;
use crate::messages::{Companion, Result};
use crate::objects::{Head, Listed, Place};
use crate::steps::{HEADS, Vault};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::HashSet;

/// How old a companion without its file, or a version below another one, is when it is judged by itself, in seconds. So long a
/// companion may come after its file was judged.
pub(super) const ALONE: i64 = 3600;

/// The versions of a file, and what is known of those that are or were judged.
pub(super) struct Around {
    /// Those that are in ingress, newest first.
    files: Vec<File>,
    judged: Vec<Judged>,
}

/// A version in ingress.
struct File {
    listed: Listed,
    /// The id of its copy.
    id: String,
    /// Whether somebody judges it already.
    is_begun: bool,
}

/// A version that is or was judged, as its copy says it.
struct Judged {
    id: String,
    /// When the copy was stored, in seconds since 1970; never over, while the version waits in ingress.
    at: i64,
    /// By which companions; `None` where it does not say it.
    by: Option<Vec<Companion>>,
    /// What says it, where that is in the vault.
    stored: Option<Head>,
    judge: Option<String>,
}

impl Judged {
    /// Whether it says that it is judged by this companion.
    fn names(&self, end: &str, version_id: &str) -> bool {
        self.by.iter().flatten().any(|it| it.end == end && it.version_id == version_id && !it.is_of_another)
    }
}

impl Around {
    /// Looks at all versions of a file, as far as companions matter to them that came at a moment or later.
    pub(super) async fn of(vault: &Vault, key: &str, since: i64) -> Result<Self> {
        let since = since.saturating_sub(ALONE);
        let ids = copies::key_part(&vault.ingress, key);
        let (files, copied, stored) = futures::try_join!(
            vault.objects.versions_of(&vault.ingress, key),
            vault.objects.versions(&vault.analytics, &ids),
            vault.objects.stored_since(&vault.vault, key, since),
        )?;
        // Nobody's version has the id of what is no copy.
        let of = |listed: &Listed| copies::parts(&listed.key).map_or_else(String::new, |(id, _)| id.to_owned());
        let begun: HashSet<_> = copied.iter().map(of).collect();
        let file = |listed: Listed| {
            let id = vault.source(key, &listed.version_id).copy_id();
            let is_begun = begun.contains(&id);
            File { listed, id, is_begun }
        };
        let mut files: Vec<_> = files.into_iter().map(file).collect();
        let waiting: HashSet<_> = files.iter().map(|file| file.id.clone()).collect();
        let held = copied.iter().map(|listed| {
            let waits = waiting.contains(&of(listed));
            (&vault.analytics, listed, if waits { i64::MAX } else { listed.stored_at })
        });
        let stored = stored.iter().map(|listed| (&vault.vault, listed, listed.stored_at));
        let looks = held.chain(stored).filter(|(_, _, at)| *at >= since).map(async |(bucket, listed, at)| {
            let place = Place { bucket, key: &listed.key, version_id: Some(&listed.version_id) };
            let is_stored = *bucket == vault.vault;
            Ok(vault.objects.known(place).await?.version().and_then(|copy| Judged::of(copy, at, is_stored)))
        });
        let looked: Vec<_> = stream::iter(looks).buffer_unordered(HEADS).try_collect().await?;
        // Somebody may have put something there by hand.
        let judged: Vec<_> = looked.into_iter().flatten().filter(|it: &Judged| it.id.starts_with(&ids)).collect();
        let ids: HashSet<_> = judged.iter().map(|it| it.id.as_str()).collect();
        for file in &mut files {
            file.is_begun |= ids.contains(file.id.as_str());
        }
        Ok(Self { files, judged })
    }

    /// Whether somebody judges a version already.
    pub(super) fn is_begun(&self, version_id: &str) -> bool {
        self.files.iter().any(|file| file.is_begun && file.listed.version_id == version_id)
    }

    /// What was made of a version in the vault already, where it says by which companions that was judged.
    pub(super) fn stored(&self, version_id: &str) -> Option<&Head> {
        let file = self.files.iter().find(|file| file.listed.version_id == version_id)?;
        self.judged.iter().filter(|it| it.id == file.id && it.by.is_some()).find_map(|it| it.stored.as_ref())
    }

    /// Whether a companion is that of a version that nobody has begun to judge.
    pub(super) fn pairs_with_any(&self, end: &str, companion: &Listed, companions: &[Listed]) -> bool {
        self.pairs(end, companions).iter().any(|(_, it)| it.version_id == companion.version_id)
    }

    /// The companion of a version that nobody has begun to judge, among those of one end, newest first.
    pub(super) fn companion<'a>(&self, version_id: &str, end: &str, companions: &'a [Listed]) -> Option<&'a Listed> {
        self.pairs(end, companions).into_iter().find(|(file, _)| file.version_id == version_id).map(|(_, it)| it)
    }

    /// The version that a companion of an end has judged, or is to have judged by this judge.
    pub(super) fn file(&self, (end, companion): (&str, &str), companions: &[Listed], judge: &str) -> Option<&Listed> {
        let is_its = |it: &&Judged| it.names(end, companion) || it.judge.as_deref() == Some(judge);
        let begun = self.judged.iter().filter(is_its).find_map(|it| self.files.iter().find(|file| file.id == it.id));
        let paired = || self.pairs(end, companions).into_iter().find(|(_, it)| it.version_id == companion);
        begun.map(|file| &file.listed).or_else(|| paired().map(|(file, _)| file))
    }

    /// Whether a companion was that of a version that is or was judged.
    pub(super) fn has_judged_by(&self, end: &str, companion: &str, companions: &[Listed]) -> bool {
        let mut meant = companions.iter().filter(|it| it.version_id == companion);
        meant.any(|it| self.judged.iter().any(|judged| self.has(judged, end, it)))
    }

    /// Whether a companion was that of a version that is or was judged. Where that was judged by another one of that end, what
    /// came later is not, and what came earlier is, if no version waits between the two; else it may be late. One that was judged
    /// by none has none.
    fn has(&self, judged: &Judged, end: &str, companion: &Listed) -> bool {
        if judged.by.as_ref().is_some_and(Vec::is_empty) {
            return false;
        }
        let of_end = judged.by.iter().flatten().find(|it| it.end == end && !it.is_of_another);
        let Some(taken) = of_end else { return self.is_late(judged, companion) };
        let between = companion.stored_at..=taken.came;
        let waits = |file: &File| !file.is_begun && between.contains(&file.listed.stored_at);
        taken.version_id == companion.version_id || taken.came >= companion.stored_at && !self.files.iter().any(waits)
    }

    /// Whether a companion of another end came while a version was being judged or, where no other version waits, shortly after.
    fn is_late(&self, judged: &Judged, companion: &Listed) -> bool {
        let waits = |file: &File| !file.is_begun && file.listed.stored_at <= companion.stored_at;
        let came_after = companion.stored_at.saturating_sub(judged.at);
        came_after <= 0 || judged.by.is_some() && came_after <= ALONE && !self.files.iter().any(waits)
    }

    /// Which version has which companion, of those that nobody has begun to judge.
    fn pairs<'a>(&self, end: &str, companions: &'a [Listed]) -> Vec<(&Listed, &'a Listed)> {
        let mine = companions.iter().filter(|it| !self.judged.iter().any(|judged| self.has(judged, end, it)));
        let mine = mine.map(|it| (it.stored_at, Next::Companion(it)));
        let removed = self.files.iter().filter_map(|file| Some((file.listed.removed_at?, Next::Nothing)));
        let files = self.files.iter().map(|file| (file.listed.stored_at, Next::File(&file.listed, file.is_begun)));
        let mut all: Vec<_> = mine.chain(removed).chain(files).collect();
        // The oldest first; of the same second, which is all that S3 says, files.
        all.reverse();
        all.sort_by_key(|(at, _)| *at);
        let (mut pairs, mut ahead, mut current) = (Vec::<(&Listed, &Listed)>::new(), None, None::<&Listed>);
        for (_, next) in all {
            match (next, current) {
                (Next::Companion(companion), Some(file)) => {
                    // What a sender writes twice counts as it is at last.
                    pairs.retain(|(it, _)| it.version_id != file.version_id);
                    pairs.push((file, companion));
                }
                (Next::Companion(companion), None) => ahead = Some(companion),
                (Next::Nothing | Next::File(_, true), _) => current = None,
                (Next::File(file, false), _) => {
                    current = if ahead.is_some() { None } else { Some(file) };
                    pairs.extend(ahead.take().map(|companion| (file, companion)));
                }
            }
        }
        pairs
    }
}

/// What comes next to a key or its companion's.
enum Next<'f, 'c> {
    /// A version of the file, and whether somebody judges it.
    File(&'f Listed, bool),
    /// The file was removed.
    Nothing,
    Companion(&'c Listed),
}

impl Judged {
    fn of(copy: Head, at: i64, is_stored: bool) -> Option<Self> {
        let mark = |name| copy.metadata(name).map(str::to_owned);
        let (id, judge, by) = (mark(copies::COPY)?, mark(copies::JUDGE), taken(&copy));
        Some(Self { id, at, by, judge, stored: is_stored.then_some(copy) })
    }
}
