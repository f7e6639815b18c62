//! What a call of S3 needs: of S3, and of the keys that S3 uses for it.

use super::Needed;
use cvault::vault::names::{Names, Zone};
use serde_json::Value;

/// A recorded call, with what IAM decides by.
pub struct Call<'a> {
    /// As the proxy has logged it.
    pub facts: &'a Value,
    /// The stack's names.
    pub names: &'a Names,
    /// The key of the three buckets.
    pub key: &'a str,
    /// The key of the bucket with Macie's results, which is not the stack's.
    pub results_key: &'a str,
}

impl Call<'_> {
    /// By the S3 User Guide's list of the permissions that operations need, the strictest reading.
    pub fn needs(&self) -> Vec<Needed> {
        let (target, source) = (self.arn("resource"), self.arn("source"));
        match self.text("op") {
            "HeadObject" | "GetObject" => self.read(&target, "version"),
            "GetObjectTagging" => vec![self.get_tags(&target, "version")],
            // By an earlier try the version may have been tagged before.
            "PutObjectTagging" => {
                let action = self.either("version", "PutObjectTagging", "PutObjectVersionTagging");
                self.put_tags(action, &[("s3:ExistingObjectTag/cvault:status", "HAS_FINDINGS")])
            }
            "DeleteObject" => vec![on(self.either("version", "DeleteObject", "DeleteObjectVersion"), &target)],
            "CopyObject" if self.facts["copies_tags"] == true => {
                let tags = vec![self.get_tags(&source, "source_version"), on("PutObjectTagging", &target)];
                [self.read(&source, "source_version"), self.write(), tags].concat()
            }
            "CopyObject" => {
                [self.read(&source, "source_version"), self.write(), self.put_tags("PutObjectTagging", &[])].concat()
            }
            "CreateMultipartUpload" => [self.write(), self.put_tags("PutObjectTagging", &[])].concat(),
            "UploadPartCopy" => [self.read(&source, "source_version"), self.write()].concat(),
            "CompleteMultipartUpload" => self.write(),
            "AbortMultipartUpload" => vec![on("AbortMultipartUpload", &target)],
            "ListObjectVersions" => vec![self.list("ListBucketVersions")],
            "GetBucketPolicy" => vec![on("GetBucketPolicy", &target)],
            "ListObjectsV2" => vec![self.list("ListBucket")],
            other => panic!("{other} is no call of the function's, or of who decides: {}", self.facts),
        }
    }

    fn text(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap_or_default()
    }

    fn arn(&self, name: &str) -> String {
        format!("arn:aws:s3:::{}", self.text(name))
    }

    /// The action of the current version, or of one that is named.
    fn either<'a>(&self, version: &str, current: &'a str, named: &'a str) -> &'a str {
        if self.facts[version].is_null() { current } else { named }
    }

    fn read(&self, object: &str, version: &str) -> Vec<Needed> {
        vec![on(self.either(version, "GetObject", "GetObjectVersion"), object), self.uses("Decrypt", object)]
    }

    /// In parts, S3 reads back what it has encrypted.
    fn write(&self) -> Vec<Needed> {
        let target = self.arn("resource");
        vec![on("PutObject", &target), self.uses("GenerateDataKey", &target), self.uses("Decrypt", &target)]
    }

    fn uses(&self, action: &str, object: &str) -> Needed {
        let ours = Zone::ALL.iter().any(|zone| object.starts_with(&format!("{}/", self.names.bucket_arn(*zone))));
        let key = if ours { self.key } else { self.results_key };
        let via = format!("s3.{}.amazonaws.com", self.names.region);
        (format!("kms:{action}"), key.to_owned(), vec![("kms:ViaService", via)])
    }

    fn get_tags(&self, object: &str, version: &str) -> Needed {
        on(self.either(version, "GetObjectTagging", "GetObjectVersionTagging"), object)
    }

    /// A right for each tag: a condition on their keys is about any of them.
    fn put_tags(&self, action: &str, context: &[(&'static str, &str)]) -> Vec<Needed> {
        let context = context.iter().map(|(key, value)| (*key, (*value).to_owned()));
        let keys = self.facts["tag_keys"].as_array().into_iter().flatten().map(|key| key.as_str().unwrap().to_owned());
        let with = |key| [("s3:RequestObjectTagKeys", key)].into_iter().chain(context.clone()).collect();
        keys.map(|key| (format!("s3:{action}"), self.arn("resource"), with(key))).collect()
    }

    fn list(&self, action: &str) -> Needed {
        let prefix = self.text("prefix").to_owned();
        (format!("s3:{action}"), self.arn("resource"), vec![("s3:prefix", prefix)])
    }
}

fn on(action: &str, resource: &str) -> Needed {
    (format!("s3:{action}"), resource.to_owned(), vec![])
}
