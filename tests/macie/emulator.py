"""What the stand-in needs of the emulator behind it: objects to read, results to store, and Macie's role."""
import http.client
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus, urlencode, urlsplit

STORED = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class Unreachable(Exception):
    """A bucket that cannot be read: Macie's bucket-level error."""


@dataclass
class Listed:
    """A current version as a listing shows it."""

    bucket: str
    key: str
    size: int
    etag: str
    modified: str
    storage_class: str
    version_id: str = ""
    kms_key: str = ""


class Emulator:
    """The emulator as one account sees it. Signatures are only as real as the emulator's look at them."""

    def __init__(self, endpoint, account, region):
        self.address, self.account, self.region = urlsplit(endpoint), account, region

    def ask(self, service, method, target, body=b"", headers=None):
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
        scope = f"{self.account}/20260101/{self.region}/{service}/aws4_request"
        signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"}
        try:
            connection.request(method, target, body, signed | (headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def list(self, bucket, prefix):
        """The current versions whose keys begin so, page by page."""
        token, found = None, []
        while True:
            query = {"list-type": "2", "prefix": prefix, "encoding-type": "url"} | ({"continuation-token": token} if token else {})
            status, _, body = self.ask("s3", "GET", f"/{bucket}?{urlencode(query)}")
            if status != 200:
                raise Unreachable(f"{bucket}: {status} {body[:300]!r}")
            listing = ET.fromstring(body)
            found += [listed(bucket, item) for item in listing.iter(STORED + "Contents")]
            if listing.findtext(STORED + "IsTruncated") != "true":
                return found
            token = listing.findtext(STORED + "NextContinuationToken")

    def get(self, item):
        """The bytes of the current version, and in `item` which version that is. None: it is gone."""
        status, headers, body = self.ask("s3", "GET", f"/{item.bucket}/{quote(item.key)}")
        if status == 404:
            return None
        if status != 200:
            raise Unreachable(f"{item.bucket}/{item.key}: {status}")
        item.version_id, item.etag = headers.get("x-amz-version-id") or "", headers["ETag"].strip('"')
        item.kms_key = headers.get("x-amz-server-side-encryption-aws-kms-key-id") or ""
        return body

    def put(self, bucket, key, body, key_arn):
        encryption = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": key_arn}
        status, _, said = self.ask("s3", "PUT", f"/{bucket}/{quote(key)}", body, encryption)
        if status != 200:
            raise Unreachable(f"{bucket}/{key}: {status} {said[:300]!r}")

    def create_service_linked_role(self):
        """What EnableMacie does beside itself. That the role is there already is fine.

        A plain CreateRole: the emulator's CreateServiceLinkedRole would give it another name than AWS does.
        """
        trust = {"Effect": "Allow", "Principal": {"Service": "macie.amazonaws.com"}, "Action": "sts:AssumeRole"}
        form = {
            "Action": "CreateRole",
            "Version": "2010-05-08",
            "Path": "/aws-service-role/macie.amazonaws.com/",
            "RoleName": "AWSServiceRoleForAmazonMacie",
            "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        }
        self.ask("iam", "POST", "/", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})


def listed(bucket, item):
    text = {name: item.findtext(STORED + name) or "" for name in ("Key", "Size", "ETag", "LastModified", "StorageClass")}
    return Listed(bucket, unquote_plus(text["Key"]), int(text["Size"]), text["ETag"].strip('"'), text["LastModified"], text["StorageClass"] or "STANDARD")
