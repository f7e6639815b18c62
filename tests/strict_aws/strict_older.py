"""An AWS older than what it is sent: what came to the first regions in 2025 comes to others, and to other partitions, later.

All optional: a region has one of them, or none.
"""
import base64, hashlib, re

from strict_truths import TRUTHS, before
from strict_wire import error

TRUTHS |= {
    "s3-create-tags-unknown": (0, True, "CreateBucket with tags: 400 UnsupportedArgument"),
    "s3-create-tags-ignored": (0, True, "CreateBucket takes tags, and the bucket has none"),
    "kms-policy-name-required": (0, True, "Get- and PutKeyPolicy without PolicyName: 400 NotFoundException"),
    "s3-blocked-encryption-unknown": (0, True, "PutBucketEncryption with BlockedEncryptionTypes: 400 MalformedXML"),
}


@before("s3-create-tags-unknown", "s3:CreateBucket")
async def create_tags_unknown(px, c):
    if b"<Tags>" in c.body:
        return error(c, "UnsupportedArgument", "The request contained an unsupported argument.", 400)


@before("s3-create-tags-ignored", "s3:CreateBucket")
async def create_tags_ignored(px, c):
    c.body, dropped = re.subn(rb"<Tags>.*</Tags>", b"", c.body, flags=re.S)
    if dropped:
        px.truth_count["s3-create-tags-ignored"] += 1
    md5, sha256 = base64.b64encode(hashlib.md5(c.body).digest()).decode(), hashlib.sha256(c.body).hexdigest()
    fresh = {"content-md5": md5, "x-amz-content-sha256": sha256}
    c.heads = [(k, fresh.get(k.lower(), v)) for k, v in c.heads if not re.match("x-amz-(checksum|sdk-checksum|trailer)", k.lower())]


@before("s3-blocked-encryption-unknown", "s3:PutBucketEncryption")
async def blocked_encryption_unknown(px, c):
    if b"<BlockedEncryptionTypes>" in c.body:
        return error(c, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", 400)


@before("kms-policy-name-required", "kms:GetKeyPolicy kms:PutKeyPolicy")
async def policy_name_required(px, c):
    if c.params.get("PolicyName") != "default":
        return error(c, "NotFoundException", "No such policy exists", 400)
