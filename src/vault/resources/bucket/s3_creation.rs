//! How a bucket is made so that it is the stack's from its first moment, even where S3 is older than tags in
//! the creating call (truths S30).
//!
//! Such an S3 refuses the call, and the bucket is made without tags and tagged at once. Until then it carries
//! a mark instead, so that a run that was killed in between finds a bucket of its own.

use super::s3_bucket::Bucket;
use super::s3_settings::{Reads, Writes, is_newer_than_s3};
use crate::aws::{Answer, Aws, Kind, PROPAGATION, Refusal};
use anyhow::Result;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership};

/// The mark: the one setting of a creating call that is neither S3's default nor what `up` sets next.
const MARK: ObjectOwnership = ObjectOwnership::BucketOwnerPreferred;

/// How a bucket is asked for: with its tags or without, and who owns its objects. Each is for where S3, or
/// the organization, refuses the one before.
const FORMS: [(bool, ObjectOwnership); 3] =
    [(true, ObjectOwnership::BucketOwnerEnforced), (false, MARK), (false, ObjectOwnership::BucketOwnerEnforced)];

impl Bucket {
    /// Makes it, and says whether it is new: not where another run was faster, since when others may have set something. In
    /// us-east-1 S3 answers the same to both (truths S1).
    pub(super) async fn create(&self, aws: &Aws) -> Result<bool> {
        let mut forms = FORMS.into_iter().peekable();
        let (mut marked, mut is_made) = (false, false);
        while let Some((tagged, ownership)) = forms.next() {
            marked = ownership == MARK;
            // The name of a bucket deleted just now is not free yet (truths S5).
            let created = aws
                .eventually("S3 to free the bucket's name", PROPAGATION, async || {
                    self.ask_for(aws, tagged, ownership.clone()).await
                })
                .await;
            match created {
                Err(error) if forms.peek().is_some() && error.downcast_ref().is_some_and(|r| is_of_form(r, tagged)) => {
                }
                Err(error) => return Err(error),
                Ok(made) => {
                    is_made = made;
                    break;
                }
            }
        }
        // Whether it has them, S3's answer does not say; and without them it is somebody else's to the next run.
        self.configure(aws, async || {
            let reads = Reads { s3: &aws.s3, bucket: &self.bucket(), owner: self.owner() };
            if self.seen(&reads.tags().await?).is_empty() { self.put_tags(aws, &[]).await } else { Ok(()) }
        })
        .await?;
        if marked {
            let writes = Writes { s3: &aws.s3, bucket: &self.bucket(), owner: self.owner() };
            self.configure(aws, async || writes.ownership().await).await?;
        }
        Ok(is_made && self.region() != "us-east-1")
    }

    /// Whether this call has made it.
    async fn ask_for(&self, aws: &Aws, tagged: bool, ownership: ObjectOwnership) -> Result<bool> {
        let bucket = self.bucket();
        // Must be absent in us-east-1 and present elsewhere (truths S2).
        let constraint = (self.region() != "us-east-1").then(|| BucketLocationConstraint::from(self.region()));
        // The tags in the creating call: a run that dies right after it must find a bucket of its own.
        let tags = tagged.then(|| self.all_tags());
        let configuration = (constraint.is_some() || tagged)
            .then(|| CreateBucketConfiguration::builder().set_location_constraint(constraint).set_tags(tags).build());
        let create = aws.s3.create_bucket().bucket(&bucket).object_ownership(ownership);
        let create = create.set_create_bucket_configuration(configuration);
        let create = create.set_object_lock_enabled_for_bucket(self.has_object_lock().then_some(true));
        create.send().await.or_exists(format!("create bucket {bucket}")).map(|made| made.is_some())
    }
}

/// Whether another form may help: S3 does not know tags there, or this identity may not give them there; or
/// the organization insists on the ownership.
fn is_of_form(refusal: &Refusal, tagged: bool) -> bool {
    let denied = refusal.kind() == Kind::Denied;
    if tagged { is_newer_than_s3(refusal) || denied && refusal.says("s3:TagResource") } else { denied }
}

impl Reads<'_> {
    /// Whether a bucket without our tags was begun by a run that was killed before it could tag it: it has the
    /// mark, and nobody has touched it since.
    ///
    /// # Errors
    /// A call fails.
    pub async fn is_begun(&self, ownership: Option<&str>, is_bare: bool) -> Result<bool> {
        if !is_bare || ownership != Some(MARK.as_str()) {
            return Ok(false);
        }
        let what = format!("look whether bucket {} was begun", self.bucket);
        let tagged = self.s3.get_bucket_tagging().bucket(self.bucket).expected_bucket_owner(self.owner).send().await;
        // It was never versioned: there is nothing but current objects.
        let objects = self.s3.list_objects_v2().bucket(self.bucket).expected_bucket_owner(self.owner);
        let found = objects.max_keys(1).send().await.or_refused(&what)?;
        let tagged = tagged.or_absent(&what)?.is_some_and(|tagged| !tagged.tag_set.is_empty());
        Ok(!tagged && found.contents().is_empty())
    }
}
