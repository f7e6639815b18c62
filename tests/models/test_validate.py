"""That the validator sees mistakes: requests of botocore's own making are right, and each changed in one way is not."""
import base64
import hashlib
import json
import re
import unittest

import botocore.session
from botocore.awsrequest import AWSResponse

from validate import problems

ROLE = "arn:aws:iam::123456789012:role/r"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow"}]})


class Answer:
    def stream(self):
        yield b""

    def read(self):
        return b""


def sent(service, operation, **parameters):
    """The request that botocore would send, as the proxy records it."""
    lines = []

    def before_send(request, **_):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        url = re.match(r"https://([^/]+)(.*)", request.url)
        text = lambda it: it.decode() if isinstance(it, bytes) else it  # noqa: E731
        headers = [["host", url[1]], *([name, text(value)] for name, value in request.headers.items())]
        lines.append({"method": request.method, "target": url[2], "headers": headers, "whole": True,
                      "body": base64.b64encode(body).decode(), "sha256": hashlib.sha256(body).hexdigest()})
        return AWSResponse(request.url, 200, {}, Answer())

    client = botocore.session.get_session().create_client(
        service, "eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    client.meta.events.register("before-send.*.*", before_send)
    try:
        getattr(client, operation)(**parameters)
    except Exception:  # the answer is none
        pass
    return lines[0]


def changed(line, change):
    """With another body, of which the digest is right."""
    line = json.loads(json.dumps(line))
    body = change(base64.b64decode(line["body"]))
    return line | {"body": base64.b64encode(body).decode(), "sha256": None}


def member(line, change):
    def of(body):
        value = json.loads(body)
        change(value)
        return json.dumps(value).encode()
    return changed(line, of)


class Mistakes(unittest.TestCase):
    @classmethod
    def setUpClass(self):
        self.rule = sent("events", "put_rule", Name="r", EventPattern="{}")
        self.targets = sent("events", "put_targets", Rule="r", Targets=[{"Id": "t", "Arn": ROLE, "RetryPolicy": {"MaximumRetryAttempts": 185}}])
        self.machine = sent("stepfunctions", "create_state_machine", name="m", definition="{}", roleArn=ROLE, type="STANDARD")
        self.key = sent("kms", "create_key", Policy=TRUST, Tags=[{"TagKey": "cvault:id", "TagValue": "x"}])
        self.role = sent("iam", "create_role", RoleName="r", AssumeRolePolicyDocument=TRUST)
        self.versioning = sent("s3", "put_bucket_versioning", Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        self.function = sent("lambda", "update_function_configuration", FunctionName="f", MemorySize=1024)

    def assert_seen(self, line, what):
        _, found = problems(line)
        self.assertTrue(any(what in problem for problem in found), (what, found))

    def test_what_is_right_is_right(self):
        copy = sent("s3", "copy_object", Bucket="bucket", Key="a b/ü+%.csv", CopySource="other/k?versionId=v", Metadata={"a": "b"})
        listed = sent("s3", "list_object_versions", Bucket="bucket", MaxKeys=1, KeyMarker="a b")
        topic = sent("sns", "create_topic", Name="t", Attributes={"A": "b"}, Tags=[{"Key": "k", "Value": "v"}])
        queue = sent("sqs", "create_queue", QueueName="q", Attributes={"Policy": "{}"})
        notice = sent("sns", "publish", TopicArn="arn:aws:sns:eu-west-1:123456789012:t", Message="m", MessageAttributes={"status": {"DataType": "String.Array", "StringValue": "[]"}})
        self.assertEqual(problems(notice), ("sns:Publish", []))
        own = [self.rule, self.targets, self.machine, self.key, self.role, self.versioning, self.function]
        names = [problems(line) for line in [*own, copy, listed, topic, queue]]
        self.assertEqual([found for _, found in names], [[]] * len(names))
        self.assertEqual([name for name, _ in names[-4:]], ["s3:CopyObject", "s3:ListObjectVersions", "sns:CreateTopic", "sqs:CreateQueue"])

    def test_json(self):
        self.assert_seen(member(self.rule, lambda it: it.update(Nome="r")), "unknown member Nome")
        self.assert_seen(member(self.machine, lambda it: it.pop("roleArn")), "roleArn is missing")
        self.assert_seen(member(self.machine, lambda it: it.update(type="FAST")), "none of the values")
        self.assert_seen(member(self.machine, lambda it: it.update(tags=1)), "is no list")
        self.assert_seen(member(self.rule, lambda it: it.update(Name="bad name!")), "does not match")
        self.assert_seen(member(self.rule, lambda it: it.update(Name="x" * 65)), "not between")
        self.assert_seen(member(self.targets, lambda it: it["Targets"][0]["RetryPolicy"].update(MaximumRetryAttempts=186)), "not between")
        self.assert_seen(member(self.function, lambda it: it.update(MemorySize="1024")), "is no integer")
        self.assert_seen(member(self.function, lambda it: it.update(Memory=1)), "unknown member")

    def test_macie(self):
        scope = {"includes": {"and": [{"simpleScopeTerm": {"comparator": "STARTS_WITH", "key": "OBJECT_KEY", "values": ["a/"]}}]}}
        buckets = [{"accountId": "123456789012", "buckets": ["b"]}]
        job = sent("macie2", "create_classification_job", clientToken="t", jobType="ONE_TIME", name="n",
                   s3JobDefinition={"bucketDefinitions": buckets, "scoping": scope})
        tags = sent("macie2", "list_tags_for_resource", resourceArn="arn:aws:macie2:eu-west-1:123456789012:classification-job/j")
        self.assertEqual(list(map(problems, [job, tags])), [("macie2:CreateClassificationJob", []), ("macie2:ListTagsForResource", [])])
        self.assert_seen(member(job, lambda it: it.update(customDataIdentifiers=[])), "unknown member customDataIdentifiers")
        self.assert_seen(member(job, lambda it: it["s3JobDefinition"].update(scope={})), "unknown member")
        self.assert_seen(member(job, lambda it: it.pop("jobType")), "jobType is missing")
        self.assert_seen(member(job, lambda it: it.update(jobType="ONCE")), "none of the values")
        self.assert_seen(job | {"method": "PUT"}, "no operation")

    def test_documents(self):
        self.assert_seen(member(self.key, lambda it: it["Tags"].append({"TagKey": "a?b", "TagValue": "x"})), "characters")
        self.assert_seen(member(self.key, lambda it: it.update(Policy="{")), "no JSON")
        twice = TRUST.replace('"Statement": [', '"Statement": [{"Sid": "A"}, ')
        self.assert_seen(member(self.key, lambda it: it.update(Policy=twice)), "twice")
        self.assert_seen(member(self.key, lambda it: it.update(Policy=TRUST.replace("2012-10-17", "2008-10-17"))), "version")

    def test_forms(self):
        self.assert_seen(changed(self.role, lambda body: body.replace(b"RoleName=", b"RoleNome=")), "unknown form field")
        self.assert_seen(changed(self.role, lambda body: body.replace(b"RoleName=r", b"RoleName=" + b"x" * 65)), "not between")
        self.assert_seen(changed(self.role, lambda body: body.replace(b"2010-05-08", b"2011-05-08")), "version 2011")

    def test_xml(self):
        self.assert_seen(changed(self.versioning, lambda body: body.replace(b"<Status>", b"<State>x</State><Status>")), "unknown element")
        self.assert_seen(changed(self.versioning, lambda body: body.replace(b"Enabled", b"On")), "none of the values")
        self.assert_seen(changed(self.versioning, lambda body: body.replace(b"http://s3.", b"http://s4.")), "namespace")

    def test_addresses_and_headers(self):
        self.assert_seen(self.versioning | {"headers": [*self.versioning["headers"], ["x-amz-nonsense", "1"]]}, "unknown header")
        self.assert_seen(self.versioning | {"target": self.versioning["target"] + "&nonsense=1"}, "unknown query parameter")
        self.assert_seen(self.function | {"target": "/2015-03-31/functions/f/nonsense"}, "no operation")

    def test_signatures(self):
        other = [[name, re.sub("....$", "0000", value) if name.lower() == "authorization" else value] for name, value in self.rule["headers"]]
        self.assert_seen(self.rule | {"headers": other}, "the signature differs")
        self.assert_seen(self.rule | {"sha256": "0" * 64}, "the signature differs")
        self.assert_seen(self.versioning | {"sha256": "0" * 64}, "not the body's")


if __name__ == "__main__":
    unittest.main()
