//! What nobody could answer without AWS.

use crate::PATIENCE;
use crate::run::{Run, until};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag};
use std::time::Instant;

/// How often `status` looks right after `up`.
const LOOKS: usize = 20;

pub struct Questions<'a> {
    run: &'a Run,
}

impl<'a> Questions<'a> {
    pub fn new(run: &'a Run) -> Self {
        Self { run }
    }

    /// With a bucket of its own, which goes at once.
    pub async fn tags_in_the_creating_call(&self) {
        let (s3, names) = (&self.run.aws.s3, &self.run.names);
        let bucket = format!("cv-question-{}-{}", names.account, names.id);
        let constraint = (names.region != "us-east-1").then(|| BucketLocationConstraint::from(names.region.as_str()));
        let tag = Tag::builder().key("cvault:stack").value(&names.stack).build().unwrap();
        let configuration = CreateBucketConfiguration::builder().set_location_constraint(constraint).tags(tag).build();
        let made = s3.create_bucket().bucket(&bucket).create_bucket_configuration(configuration).send().await;
        let answer = match made {
            Err(error) => format!("no: {:?}", error.into_service_error().meta()),
            Ok(_) => match s3.get_bucket_tagging().bucket(&bucket).send().await {
                Ok(tags) => format!("yes: {} tag", tags.tag_set.len()),
                Err(error) => format!("it takes them, and there are none: {:?}", error.into_service_error().meta()),
            },
        };
        let _ = s3.delete_bucket().bucket(&bucket).send().await;
        self.run.say("S30", &answer);
    }

    /// Whether what was seen once is seen again.
    pub fn flapping(&self) {
        let codes: Vec<_> = (0..LOOKS).map(|_| self.run.cvault(&["status"]).code).collect();
        let differs = codes.iter().filter(|code| **code != 0).count();
        self.run.say("S13 K3", &format!("{differs} of {LOOKS} looks right after up have seen a difference: {codes:?}"));
    }

    /// Uploads these files, the first of them, which is clean, again and again until S3 reports it.
    pub async fn events_are_reported(&self, files: &[(&str, &str, &str)]) {
        let begun = Instant::now();
        let (first, others) = files.split_first().unwrap();
        until(PATIENCE, async || {
            self.run.put(first.0, first.1).await;
            self.run.status_in_vault(first.0).await
        })
        .await;
        let seconds = begun.elapsed().as_secs();
        self.run.say("S14", &format!("the first event had come {seconds} s after the first upload that followed up"));
        // A rule that could not assume its role would have started nothing.
        self.run.say("D16", "rules assume the role whose trust names source and account");
        for (key, content, _) in others {
            self.run.put(key, content).await;
        }
    }
}
