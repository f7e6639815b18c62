//! What the classifier may do besides where other buckets are taken in, and where files come under other keys.

use super::actions::{BUCKET_ACTIONS, KMS_ACTIONS, OBJECT_ACTIONS, all};
use super::roles::allowed;
use super::{policy, role, through};
use crate::simulator::Request;
use crate::stack::{OTHER_ACCOUNT, SOURCE, Stack};
use cvault::vault::definitions as definition;
use cvault::vault::names::Zone;

#[test]
fn it_reads_these_buckets_and_writes_into_ingress() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::CLASSIFIER_SOURCES);
        let caller = role(&stack, "classifier");
        let bucket = format!("arn:{}:s3:::{SOURCE}", stack.names.partition);
        let object = format!("{bucket}/a b/c+d%.csv");
        let lists = ["s3:ListBucket", "s3:ListBucketVersions"];
        assert_eq!(allowed(&own, &caller, &BUCKET_ACTIONS, &bucket), lists.into());
        let reads = ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"];
        assert_eq!(allowed(&own, &caller, &OBJECT_ACTIONS, &object), reads.into());
        let puts = ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectTagging"];
        assert_eq!(allowed(&own, &caller, &OBJECT_ACTIONS, &stack.object(Zone::Ingress)), puts.into());
        let actions: Vec<_> = all().into_iter().map(|(action, _)| action).collect();
        for other in [
            format!("{bucket}2"),
            format!("{bucket}2/k"),
            stack.object(Zone::Analytics),
            stack.object(Zone::Vault),
            stack.names.bucket_arn(Zone::Ingress),
            stack.key_arn.clone(),
        ] {
            assert_eq!(allowed(&own, &caller, &actions, &other), [].into(), "{other}");
        }
        // A bucket's name is free again when the bucket is gone.
        for (action, resource) in [("s3:ListBucketVersions", bucket), ("s3:GetObjectVersion", object)] {
            let request = Request::new(caller.clone(), action, &resource).with("aws:ResourceAccount", OTHER_ACCOUNT);
            assert!(!own.allows(&request), "{action}");
        }
    }
}

/// Under another key it reads, and writes nothing; through S3 alone.
#[test]
fn other_keys_decrypt_through_s3() {
    for stack in Stack::all() {
        let own = policy(&stack, definition::CLASSIFIER_KEYS);
        let caller = role(&stack, "classifier");
        let key = format!("{}5", stack.key_arn);
        let of =
            |action: &str, via: &str| Request { resource: key.clone(), ..through(&stack, caller.clone(), action, via) };
        let used: Vec<_> = KMS_ACTIONS.into_iter().filter(|action| own.allows(&of(action, "s3"))).collect();
        assert_eq!(used, ["kms:Decrypt"]);
        assert!(!own.allows(&of("kms:Decrypt", "sns")), "through another service");
        assert_eq!(allowed(&own, &caller, &KMS_ACTIONS, &key), [].into(), "directly");
        assert!(!own.allows(&through(&stack, caller.clone(), "kms:Decrypt", "s3")), "the stack's own is its policy's");
    }
}
