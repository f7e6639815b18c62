//! By which companions a version is judged. Its copy says it, by their versions: to whoever goes on with the version when
//! other ones have come, and to whoever meets the same companion with another version of the key.

use crate::copies;
use crate::messages::Companion;
use crate::objects::Head;
use contract::IngressRules;

/// What a copy says of a companion, beside its end and its version.
const OWN: &str = "own";
const SPENT: &str = "own,spent";
const ANOTHERS: &str = "other";
const ANOTHERS_SPENT: &str = "other,spent";

/// What a copy says whose version is judged by no companion, though it could have had one.
const NONE: &str = "-";

/// The mark of a copy that says which companions its version is judged by; none, where `pairs` are no matter.
pub(in crate::steps) fn mark(pairs: &[String], companions: &[Companion]) -> Option<String> {
    if companions.is_empty() {
        return (!pairs.is_empty()).then(|| NONE.to_owned());
    }
    let is_written = |it: &&Companion| !it.version_id.is_empty() && it.version_id.bytes().all(|b| b.is_ascii_graphic());
    let said = companions.iter().filter(is_written).map(|it| {
        let kind = match (it.is_of_another, it.is_spent) {
            (false, false) => OWN,
            (false, true) => SPENT,
            (true, false) => ANOTHERS,
            (true, true) => ANOTHERS_SPENT,
        };
        format!("{} {} {} {kind}", it.end, it.version_id, it.came)
    });
    let said: Vec<_> = said.collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// The mark of a copy that says what its companions say; none, where they say nothing.
pub(in crate::steps) fn digests(companions: &[Companion]) -> Option<String> {
    let said = companions.iter().filter_map(|it| Some((it, it.digest.as_deref()?)));
    let said: Vec<_> =
        said.map(|(it, digest)| format!("{} {}", it.end, if digest.is_empty() { "-" } else { digest })).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// What the mark of a copy says that its companions say, as far as the rules of today ask for them. They went with their file,
/// so that none of them is to go.
pub(in crate::steps) fn marked(copy: &Head, rules: &IngressRules) -> Vec<Companion> {
    meant(rules, said(copy))
}

/// What the mark of a copy says. A copy of an earlier release may have it from its file's sender: what is no digest is none.
fn said(copy: &Head) -> Vec<Companion> {
    let words: Vec<_> = copy.metadata(copies::DIGESTS).unwrap_or_default().split(' ').collect();
    let is_digest = |word: &&str| word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let of = |pair: &[&str]| Companion::said(pair[0], Some(pair[1]).filter(is_digest).unwrap_or_default());
    words.chunks_exact(2).map(of).collect()
}

/// Those that `pairs` means, whatever a copy says: no others go with a file.
fn meant(rules: &IngressRules, mut companions: Vec<Companion>) -> Vec<Companion> {
    companions.retain(|it| rules.pairs.contains(&it.end));
    companions
}

/// The companions by which whoever has made a copy judges its version: what came since then is none of them.
pub(in crate::steps) fn by(copy: &Head, rules: &IngressRules, now: Vec<Companion>) -> Vec<Companion> {
    let of_copy = |taken: Vec<Companion>| {
        let is_before = |it: &Companion| now.iter().any(|now| now.version_id == it.version_id && now.is_before);
        taken.into_iter().map(|it| Companion { is_before: is_before(&it), ..it }).collect()
    };
    let companions = match taken(copy) {
        Some(taken) => of_copy(taken),
        None => now,
    };
    meant(rules, with_digests(companions, said(copy)))
}

/// Of a copy that does not say which they were: those that are there, as far as they say the same.
fn with_digests(mut companions: Vec<Companion>, said: Vec<Companion>) -> Vec<Companion> {
    for said in said {
        match companions.iter_mut().find(|it| it.end == said.end) {
            Some(companion) => {
                // Another one may have come, which is not to go.
                companion.is_spent &= companion.digest.is_none() || companion.digest == said.digest;
                companion.digest = said.digest;
            }
            None => companions.push(said),
        }
    }
    companions
}

/// The companions that a copy names; `None` where it names none: of an earlier release, or without room for it.
pub(super) fn taken(copy: &Head) -> Option<Vec<Companion>> {
    let words: Vec<_> = copy.metadata(copies::COMPANIONS)?.split(' ').collect();
    let of = |words: &[&str]| Companion {
        end: words[0].to_owned(),
        version_id: words[1].to_owned(),
        came: words[2].parse().unwrap_or_default(),
        is_spent: matches!(words[3], SPENT | ANOTHERS_SPENT),
        is_of_another: matches!(words[3], ANOTHERS | ANOTHERS_SPENT),
        digest: None,
        is_before: false,
    };
    Some(words.chunks_exact(4).map(of).collect())
}
