//! Copies in analytics that should be gone, or that nobody judges: nothing in ingress leads to them any more, so that only
//! a look at analytics finds them.
//!
//! - **It is in the vault**, and S3's event about that was lost: the rule was off, a vault is new, an Express workflow has
//!   run out of its time. The copy gets that event, so that it is cleared as every other one.
//! - **It has no verdict**, and its version has left ingress: somebody has deleted that while an execution judged. The copy
//!   gets the version's event, whose execution goes on with it.
//!
//! What is held stays for long, and each look costs three requests, or more where the vault has its key: a list, and a look at
//! each version as large that was stored since its upload. So a copy is looked at by one sweep for each of its attempts: when
//! its age has doubled, and then once or twice a day.

use super::{Item, LEFT, Looking, attempt, event};
use crate::copies;
use crate::messages::Result;
use crate::objects::{At, Head, Listed, Place, Tag, may_be_there, readable};
use crate::steps::uploaded_by;

/// The execution that a copy needs, if it needs one.
pub(super) async fn item(looking: &Looking<'_>, copy: &Listed) -> Result<Option<Item>> {
    let Some((id, key)) = copies::parts(&copy.key) else { return Ok(None) };
    if !is_due(looking, copy) {
        return Ok(None);
    }
    let (vault, objects) = (looking.vault, &looking.vault.objects);
    let place = Place { bucket: &vault.analytics, key: &copy.key, version_id: Some(&copy.version_id) };
    let is_ours = |head: &Head| head.metadata(copies::COPY) == Some(id);
    // What S3 does not let be looked at keeps nobody behind it.
    let head = readable(objects.known(place).await.map(At::version))?;
    let Some(head) = head.filter(is_ours) else { return Ok(None) };
    if let Some((key, stored)) = readable(vault.made_from(&copy.key, head.size, uploaded_by(&head)).await)? {
        let (version_id, etag) = (stored.version_id, stored.etag);
        let stored = Listed { key, version_id, size: stored.size, etag, ..Listed::default() };
        return Ok(Some(looking.about(LEFT, id, &event(&vault.vault, &stored), copy)));
    }
    if readable(objects.tags(place).await)?.is_none_or(|tags| Tag::are_judged(&tags)) {
        return Ok(None);
    }
    let Some(source) = source(looking, (id, key), &head).await? else { return Ok(None) };
    let judge = head.metadata(copies::EXECUTION).map(str::to_owned);
    Ok(Some(Item { judge, ..looking.about(LEFT, id, &event(&vault.ingress, &source), copy) }))
}

/// Whether this sweep is the first one that meets the copy at its attempt. A quarter of the time between two of them is for
/// one that came late.
fn is_due(looking: &Looking<'_>, copy: &Listed) -> bool {
    let (age, every) = (looking.now - copy.stored_at, looking.sweep.every_seconds);
    let last = age - every - every / 4;
    looking.sweep.again || last < looking.sweep.older_than_seconds || attempt(last) != attempt(age)
}

/// The version that a copy was made from, once it has left ingress. While it is there its event is none of ours, and of what
/// does not say it, as metadata without room do not, nobody knows it.
async fn source(looking: &Looking<'_>, (id, key): (&str, &str), copy: &Head) -> Result<Option<Listed>> {
    let ingress = &looking.vault.ingress;
    let Some(version_id) = copy.metadata(copies::SOURCE_VERSION).map(str::to_owned) else { return Ok(None) };
    let key = copies::whole(key, copy.metadata(copies::KEY_END));
    if copies::copy_id(ingress, &key, &version_id) != id {
        return Ok(None);
    }
    let place = Place { bucket: ingress, key: &key, version_id: Some(&version_id) };
    if may_be_there(looking.vault.objects.known(place).await.map(At::version))? {
        return Ok(None);
    }
    let etag = copy.etag.clone();
    Ok(Some(Listed { key, version_id, size: copy.size, etag, stored_at: copy.stored_at(), ..Listed::default() }))
}
