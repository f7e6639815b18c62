//! What a person decides of a held version: that it is stored all the same. No state machine takes this step:
//! `cvault release` does, by the identity that runs it, and the vault's policy says whether that one may.
//!
//! It is stored as a clean one is: exactly this version, proven, once however often it is tried, with the mark by
//! which S3's event has the held copy cleared, and under whatever newer version of its key is there. Where that is
//! archived or may not be read, so that it could not be put on top again, nothing is stored.

use super::Vault;
use super::newest::{Looked, keep_newest_current, uploaded_by};
use super::store::{Placed, store_over};
use crate::copies;
use crate::messages::{Failure, FailureKind, Result, Source};
use crate::objects::{Head, Marks, Over, Place, Tag};

/// Who has decided, and why.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// When, and by which identity.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// How a release went.
#[derive(Clone, Debug)]
pub enum Released {
    /// It is in the vault now.
    Stored(Box<Head>),
    /// It was there already, by an earlier try.
    There(Box<Head>),
    /// The held version is gone.
    Gone,
}

impl Vault {
    /// Stores exactly this held version under a key of the vault.
    ///
    /// # Errors
    /// S3 does not answer or refuses, maybe when it is stored and what is newer is not on top again yet: the next try goes on.
    /// [`FailureKind::Archived`] or [`FailureKind::Denied`] where what is newer cannot be put there, or the held version is no
    /// copy of ours.
    pub async fn release(&self, from: Place<'_>, key: &str, decision: Decision<'_>) -> Result<Released> {
        let (head, tags) = futures::join!(self.objects.head(from), self.objects.tags(from));
        let (Some(head), Some(tags)) = (head?, tags?) else { return Ok(Released::Gone) };
        let id = copies::parts(from.key).map(|(id, _)| id).filter(|id| head.metadata(copies::COPY) == Some(id));
        let Some(id) = id else {
            let message = format!("{from} does not say that it is a copy of cvault's: it would never be cleared");
            return Err(Failure::new(FailureKind::InvalidInput, message));
        };
        let source = Source {
            bucket: self.ingress.clone(),
            key: key.into(),
            size: head.size,
            uploaded_at: uploaded_by(&head),
            ..Source::default()
        };
        let tags = Tag::released(&tags, decision.by, decision.reason);
        let marks = Marks { metadata: &[(copies::COPY, id)], tags: Some(tags) };
        let to = Place { bucket: &self.vault, key, version_id: None };
        let copy = async |over: Over<'_>| self.objects.copy_over(from, &head, to, marks.clone(), over).await;
        let (mut looked, current) = (Looked::default(), self.objects.known(to).await?.version());
        // Boxed: it copies, which takes kilobytes, and whoever releases would have them.
        let placed = Box::pin(store_over(self, (&source, id, from), &mut looked, current, copy)).await?;
        // Whoever has stored what is there already may not have come so far.
        if let Placed::Made(stored) | Placed::There(stored) = &placed {
            Box::pin(keep_newest_current(self, &source, stored, &mut looked)).await?;
        }
        Ok(match placed {
            Placed::Made(stored) => Released::Stored(stored),
            Placed::There(stored) => Released::There(stored),
            Placed::SourceGone => Released::Gone,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::{EXECUTION, REASON, RELEASED, STATUS};
    use crate::stand_in::Reply;
    use crate::stand_in::buckets::{Buckets, Version};
    use crate::steps::{Compiled, PATIENCE};

    const ID: &str = "0123456789abcdef01234567";
    const DECISION: Decision<'_> = Decision { by: "2026-11-28T12:00:00Z arn:aws:iam::1:user/ana", reason: "test data" };

    fn vault(buckets: &Buckets) -> Vault {
        let s3 = buckets.stand_in();
        let [ingress, analytics, stored] = ["in", "an", "va"].map(str::to_owned);
        let (objects, macie, detectors) = (s3.objects(), s3.macie(), Compiled::default());
        Vault { objects, macie, ingress, analytics, vault: stored, detectors, patience: PATIENCE }
    }

    /// A held version, with a mark and an order.
    fn held(buckets: &Buckets, mark: &str, order: &str, tags: &[(&str, &str)]) -> String {
        let metadata = [("x-amz-meta-cvault-copy", mark), ("x-amz-meta-cvault-order", order)];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let body = b"seq\n1\n".into();
        buckets.put(&format!("an/{ID}/a.csv"), Version { body, metadata, tags, ..Version::default() })
    }

    /// What was uploaded later than a held version of the order `0A`, and is stored.
    fn newer(buckets: &Buckets, is_archived: bool) {
        let metadata = [("x-amz-meta-cvault-copy", "f"), ("x-amz-meta-cvault-order", "0B")];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        buckets.put("va/a.csv", Version { body: b"newer".into(), metadata, is_archived, ..Version::default() });
    }

    async fn release(vault: &Vault, version: &str) -> Result<Released> {
        let key = format!("{ID}/a.csv");
        let place = Place { bucket: "an", key: &key, version_id: Some(version) };
        vault.release(place, "a.csv", DECISION).await
    }

    #[tokio::test]
    async fn it_is_stored_once_and_says_who_and_why() {
        let buckets = Buckets::default();
        let version = held(&buckets, ID, "0A", &[("team", "sea"), (STATUS, "HAS_FINDINGS"), (EXECUTION, "arn:e")]);
        let vault = vault(&buckets);
        assert!(matches!(release(&vault, &version).await, Ok(Released::Stored(_))));
        assert!(matches!(release(&vault, &version).await, Ok(Released::There(_))));
        let stored = buckets.all("va/");
        assert_eq!(stored.len(), 1);
        assert_eq!(stored[0].1.metadata["x-amz-meta-cvault-copy"], ID);
        let tags: Vec<_> = stored[0].1.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let expected = [
            ("team", "sea"),
            (STATUS, "HAS_FINDINGS"),
            (RELEASED, DECISION.by),
            (REASON, DECISION.reason),
            (EXECUTION, "arn:e"),
        ];
        assert_eq!(tags, expected);
        assert!(matches!(release(&vault, "other").await, Ok(Released::Gone)));
    }

    /// What was uploaded later, and is good, stays current.
    #[tokio::test]
    async fn it_comes_to_lie_under_what_is_newer() {
        let buckets = Buckets::default();
        let version = held(&buckets, ID, "0A", &[]);
        newer(&buckets, false);
        assert!(matches!(release(&vault(&buckets), &version).await, Ok(Released::Stored(_))));
        let bodies: Vec<_> = buckets.all("va/").into_iter().map(|(_, version)| version.body).collect();
        assert_eq!(bodies.last().unwrap(), b"newer");
        assert_eq!(bodies.iter().filter(|body| *body == b"seq\n1\n").count(), 1);
    }

    /// Of what is archived, or may not be read, S3 makes no copy: nothing is stored that would hide it, however often it is
    /// tried.
    #[tokio::test]
    async fn nothing_is_put_on_top_of_what_is_newer_and_cannot_be_copied() {
        let archived = (None, FailureKind::Archived, "storage class GLACIER");
        let lost = [(400, "KMS.DisabledException"), (403, "AccessDenied")];
        let lost = lost.map(|refusal| (Some(refusal), FailureKind::Denied, "needs kms:Decrypt"));
        for (is_below, (refusal, kind, why)) in
            [false, true].into_iter().flat_map(|is_below| [archived, lost[0], lost[1]].map(|case| (is_below, case)))
        {
            let buckets = Buckets::default();
            let version = held(&buckets, ID, "0A", &[]);
            newer(&buckets, refusal.is_none());
            if let Some((status, code)) = refusal {
                buckets.withhold("va/a.csv", status, code);
            }
            if is_below {
                buckets.put("va/a.csv", Version { body: b"by hand".into(), ..Version::default() });
            }
            let (vault, before) = (vault(&buckets), buckets.all("va/").len());
            for _ in 0..2 {
                let refused = release(&vault, &version).await.unwrap_err();
                assert_eq!(refused.kind, kind, "{refused}");
                assert!(refused.message.contains(why), "{refused}");
                assert_eq!((buckets.all("va/").len(), buckets.all("an/").len()), (before, 1));
            }
            let (key, id) = (format!("{ID}/a.csv"), Some(version.as_str()));
            let place = Place { bucket: "an", key: &key, version_id: id };
            assert_eq!(vault.hides_nothing(place, "a.csv").await.unwrap_err().kind, kind);
            // What is older than what is held hides nobody.
            let version = held(&buckets, ID, "0C", &[]);
            assert!(matches!(release(&vault, &version).await, Ok(Released::Stored(_))));
        }
    }

    /// A run before has stored it, and something newer came later that cannot be copied.
    #[tokio::test]
    async fn what_was_stored_below_what_is_archived_is_there() {
        let buckets = Buckets::default();
        let version = held(&buckets, ID, "0A", &[]);
        let vault = vault(&buckets);
        assert!(matches!(release(&vault, &version).await, Ok(Released::Stored(_))));
        newer(&buckets, true);
        let key = format!("{ID}/a.csv");
        let place = Place { bucket: "an", key: &key, version_id: Some(&version) };
        assert_eq!(vault.hides_nothing(place, "a.csv").await, Ok(()));
        assert!(matches!(release(&vault, &version).await, Ok(Released::There(_))));
    }

    /// A run that has stored it, and has come no further, is gone on with: whether it is held yet or not.
    #[tokio::test]
    async fn what_was_stored_on_top_is_put_below_by_the_next_try() {
        for is_held in [true, false] {
            let buckets = Buckets::default();
            let version = held(&buckets, ID, "0A", &[]);
            newer(&buckets, false);
            let inner = buckets.stand_in();
            let fails = crate::stand_in::StandIn::new(move |call| {
                let source = call.headers.get("x-amz-copy-source").map(String::as_str).unwrap_or_default();
                if source.starts_with("va/") { Reply::Status(503) } else { (inner.answer)(call) }
            });
            let failing = Vault { objects: fails.objects(), ..vault(&buckets) };
            assert_eq!(release(&failing, &version).await.unwrap_err().kind, FailureKind::Busy);
            assert_eq!(buckets.all("va/").pop().unwrap().1.body, b"seq\n1\n");
            let vault = vault(&buckets);
            if is_held {
                assert!(matches!(release(&vault, &version).await, Ok(Released::There(_))));
            } else {
                let stored = vault.vaulted("a.csv", ID, None, 0).await.unwrap().unwrap();
                vault.keep_newest_current("a.csv", &stored).await.unwrap();
            }
            assert_eq!(buckets.all("va/").pop().unwrap().1.body, b"newer");
        }
    }

    /// Nobody would ever clear what has no mark, or another's.
    #[tokio::test]
    async fn what_is_no_copy_of_ours_is_not_released() {
        let buckets = Buckets::default();
        let version = held(&buckets, "another", "0A", &[]);
        let refused = release(&vault(&buckets), &version).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::InvalidInput);
        assert!(buckets.all("va/").is_empty());
    }
}
