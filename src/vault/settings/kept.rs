//! What is kept, for how long, and who may touch it: the buckets, the vault, what is held, the key.

/// What holds for the buckets.
#[derive(Clone, Debug)]
pub struct BucketSettings {
    /// What stands before their names.
    pub prefix: String,
    /// After how many days a version in analytics or the vault that is not current any more expires.
    pub noncurrent_days: i32,
}

impl Default for BucketSettings {
    fn default() -> Self {
        Self { prefix: String::new(), noncurrent_days: 90 }
    }
}

/// What holds for the vault.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    /// ARNs of roles and users that may write to the vault beside the classifier; `*` and `?` match.
    pub releasers: Vec<String>,
    /// How many of them have to want it before a held version is released or discarded: 1 or 2.
    pub approvals: u32,
    /// ARNs of those who alone may change the bucket's settings, its policy and lifecycle among them, beside the
    /// account's root; without any that is left to IAM.
    pub deployers: Vec<String>,
    /// ARNs of those who may put legal holds on versions in the vault, and take them away; `*` and `?` match.
    pub legal_holders: Vec<String>,
    /// The default retention of Object Lock; without it objects can be overwritten.
    pub object_lock: Option<ObjectLock>,
    /// After how many days an object expires, if it does.
    pub expire_days: Option<i32>,
    /// When an object moves to another storage class, if it does.
    pub transition: Option<Transition>,
    /// Where S3 copies what is stored, if it does.
    pub replication: Option<Replication>,
}

impl VaultSettings {
    /// Whether what one identity asks for is done by another.
    #[must_use]
    pub fn has_four_eyes(&self) -> bool {
        self.approvals == 2
    }
}

impl Default for VaultSettings {
    fn default() -> Self {
        let (releasers, deployers, legal_holders) = (vec![], vec![], vec![]);
        Self {
            releasers,
            approvals: 1,
            deployers,
            legal_holders,
            object_lock: None,
            expire_days: None,
            transition: None,
            replication: None,
        }
    }
}

/// The default retention of Object Lock.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectLock {
    /// `GOVERNANCE` or `COMPLIANCE`.
    pub mode: String,
    /// For how many days.
    pub days: i32,
}

/// A move to another storage class.
#[derive(Clone, Debug)]
pub struct Transition {
    /// How many days after the object was made.
    pub days: i32,
    /// To which one, in S3's words.
    pub storage_class: String,
}

/// A copy in another bucket, of whichever account and region.
#[derive(Clone, Debug)]
pub struct Replication {
    /// The ARN of that bucket.
    pub bucket: String,
    /// The ARN of the role that S3 assumes.
    pub role: String,
    /// The ARN of the key that encrypts the copies, in that bucket's region: without one S3 copies nothing that is
    /// encrypted by KMS, which is all that there is.
    pub kms_key: String,
    /// The account of that bucket, where it is to own the copies.
    pub account: Option<String>,
    /// The storage class of the copies, in S3's words; without one that of the object.
    pub storage_class: Option<String>,
}

/// What holds for what is held.
#[derive(Clone, Debug, Default)]
pub struct HeldSettings {
    /// After how many days a held object expires, if it does.
    pub expire_days: Option<i32>,
    /// ARNs of those who alone may read what is held, beside the classifier, Macie and the releasers; without any that is
    /// left to IAM.
    pub readers: Vec<String>,
}

/// What holds for the key.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// For how many days AWS keeps the key after `down`, 7 to 30.
    pub deletion_window_days: i32,
}

impl Default for KeySettings {
    fn default() -> Self {
        Self { deletion_window_days: 30 }
    }
}
