"""The stand-in as a client sees it: raw HTTP, and an emulator behind it (AWS_ENDPOINT_URL) with real objects.

    AWS_ENDPOINT_URL=http://127.0.0.1:4566 python3 -B -m unittest -v test_stand_in
"""
import gzip
import http.client
import io
import json
import os
import random
import subprocess
import sys
import time
import unittest
import zipfile
from urllib.parse import quote

from emulator import Emulator
from encryption import ask

REGION = "eu-west-1"
CARD = "credit card\n4000004427083831\n"
NPI = "npi\n1234567893\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


class StandIn(unittest.TestCase):
    """A stand-in for all tests of a class, and an account with a bucket for each test."""

    @classmethod
    def setUpClass(cls):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stand_in.py")
        command = [sys.executable, "-B", program, "--emulator", os.environ["AWS_ENDPOINT_URL"], "--lifeline"]
        cls.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.port = int(cls.process.stdout.readline())

    @classmethod
    def tearDownClass(cls):
        cls.process.stdin.close()
        assert cls.process.wait(10) == 0
        cls.process.stdout.close()

    def setUp(self):
        self.account = f"{random.randrange(10**11, 10**12)}"
        self.s3 = Emulator(os.environ["AWS_ENDPOINT_URL"], self.account, REGION)
        self.bucket = f"macie-{self.account}"
        where = f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
        self.ask_s3("PUT", "", where)
        self.ask_s3("PUT", "?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")

    def tearDown(self):
        status, _, body = self.s3.ask("s3", "GET", f"/{self.bucket}?versions")
        self.assertEqual(status, 200)
        for key, version in zip(self.texts(body, "Key"), self.texts(body, "VersionId")):
            self.ask_s3("DELETE", f"/{quote(key)}?versionId={version}")
        self.ask_s3("DELETE", "")

    @staticmethod
    def texts(body, name):
        return [part.split(f"</{name}>")[0] for part in body.decode().split(f"<{name}>")[1:]]

    def ask_s3(self, method, target, body="", headers=None):
        status, head, said = self.s3.ask("s3", method, f"/{self.bucket}{target}", body, headers)
        self.assertLess(status, 300, said)
        return head

    def put(self, key, body, headers=None):
        return self.ask_s3("PUT", f"/{quote(key)}", body, headers)["x-amz-version-id"]

    def ask(self, method, path, params=None, key=None, service="macie2"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        scope = f"Credential={key or self.account}/20260101/{REGION}/{service}/aws4_request"
        body = None if params is None else json.dumps(params)
        connection.request(method, path, body, {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        connection.close()
        return answer.status, said, answer.headers.get("x-amzn-ErrorType")

    def ok(self, method, path, params=None):
        status, said, _ = self.ask(method, path, params)
        self.assertEqual(status, 200, said)
        return said

    def refused(self, code, method, path, params=None):
        status, said, error = self.ask(method, path, params)
        self.assertEqual((error, status >= 400), (code, True), said)
        return said["message"]

    def control(self, what, params=None):
        return self.ok("GET" if params is None else "POST", f"/__macie__/{self.account}/{what}", params)

    def enabled(self, **settings):
        self.ok("POST", "/macie", {"clientToken": "t"})
        self.control("settings", {"create_rate": 1000, "create_burst": 1000, "job_seconds": 0.01} | settings)

    def job(self, prefix="", **changes):
        term = {"comparator": "STARTS_WITH", "key": "OBJECT_KEY", "values": [prefix]}
        return {
            "clientToken": "t" + prefix,
            "name": "n" + prefix,
            "jobType": "ONE_TIME",
            "managedDataIdentifierSelector": "ALL",
            "s3JobDefinition": {
                "bucketDefinitions": [{"accountId": self.account, "buckets": [self.bucket]}],
                "scoping": {"includes": {"and": [{"simpleScopeTerm": term}]}},
            },
        } | changes

    def created(self, prefix="", **changes):
        return self.ok("POST", "/jobs", self.job(prefix, **changes))["jobId"]

    def complete(self, job, status="COMPLETE"):
        for _ in range(1000):
            described = self.ok("GET", f"/jobs/{job}")
            if described["jobStatus"] == status:
                return described
            time.sleep(0.01)
        self.fail(described)

    def findings(self, job, **asked):
        ids, token = [], None
        while True:
            criteria = {"criterion": {"classificationDetails.jobId": {"eq": [job]}}}
            said = self.ok("POST", "/findings", {"findingCriteria": criteria, "nextToken": token} | asked)
            ids, token = ids + said["findingIds"], said.get("nextToken")
            if not token:
                return self.ok("POST", "/findings/describe", {"findingIds": ids})["findings"] if ids else []

    def scan(self, prefix="", **changes):
        job = self.created(prefix, **changes)
        self.assertEqual(self.complete(job)["lastRunErrorStatus"], {"code": "NONE"})
        return self.findings(job)

    def results(self, job):
        status, _, body = self.s3.ask("s3", "GET", f"/{self.bucket}?list-type=2&prefix=out/AWSLogs/{self.account}/Macie/{REGION}/{job}/")
        self.assertEqual(status, 200)
        bodies = (self.s3.ask("s3", "GET", f"/{self.bucket}/{key}")[2] for key in self.texts(body, "Key"))
        return [json.loads(gzip.decompress(data)) for data in bodies]


class Session(StandIn):
    def test_life_of_a_session(self):
        self.assertEqual(self.refused("AccessDeniedException", "GET", "/macie"), "Macie is not enabled")
        self.assertEqual(self.refused("AccessDeniedException", "POST", "/jobs", {}), "Macie is not enabled")
        self.control("settings", {"settling": 1})
        self.ok("POST", "/macie", {"clientToken": "t", "status": "ENABLED"})
        self.refused("InternalServerException", "GET", "/macie")
        self.assertEqual(self.ok("GET", "/macie")["status"], "ENABLED")
        self.assertEqual(self.refused("ConflictException", "POST", "/macie", {}), "Macie has already been enabled")
        self.ok("PATCH", "/macie", {"status": "PAUSED", "findingPublishingFrequency": "ONE_HOUR"})
        session = self.ok("GET", "/macie")
        self.assertEqual((session["status"], session["findingPublishingFrequency"]), ("PAUSED", "ONE_HOUR"))
        role = {"Action": "GetRole", "RoleName": session["serviceRole"].rpartition("/")[2], "Version": "2010-05-08"}
        status, _, said = self.s3.ask("iam", "POST", "/", "&".join(f"{k}={v}" for k, v in role.items()), {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(status, 200, said)
        self.assertIn(session["serviceRole"].encode(), said)
        self.assertEqual(self.ok("GET", "/automated-discovery/configuration")["status"], "ENABLED")
        self.ok("PUT", "/automated-discovery/configuration", {"status": "DISABLED"})
        self.assertEqual(self.ok("GET", "/automated-discovery/configuration")["status"], "DISABLED")
        self.created()
        self.ok("DELETE", "/macie")
        self.refused("AccessDeniedException", "GET", "/macie")
        self.enabled()
        self.assertEqual(self.ok("POST", "/jobs/list", {})["items"], [], "all of the account's data is gone")

    def test_accounts_are_apart_and_requests_signed(self):
        self.enabled()
        status, said, _ = self.ask("GET", "/macie", key="999999999999")
        self.assertEqual((status, said["message"]), (403, "Macie is not enabled"))
        self.assertEqual(self.ask("GET", "/macie", service="s3")[2], "InvalidSignatureException")
        self.assertEqual(self.ask("GET", "/nothing")[2], "UnknownOperationException")

    def test_export_configuration(self):
        self.enabled()
        self.assertEqual(self.ok("GET", "/classification-export-configuration"), {})
        self.refused("ValidationException", "PUT", "/classification-export-configuration", {"configuration": {"s3Destination": {"bucketName": "b"}}})
        wanted = {"configuration": {"s3Destination": {"bucketName": "b", "kmsKeyArn": "arn"}}}
        self.assertEqual(self.ok("PUT", "/classification-export-configuration", wanted), wanted)
        self.assertEqual(self.ok("GET", "/classification-export-configuration"), wanted)


class Identifiers(StandIn):
    WANTED = {"name": "staff", "regex": r"ID-\d{6}", "keywords": ["staff"], "maximumMatchDistance": 15, "ignoreWords": ["ID-000000"], "tags": {"a": "b"}}

    def test_life_of_an_identifier(self):
        self.enabled(page=1)
        ids = [self.ok("POST", "/custom-data-identifiers", self.WANTED | {"clientToken": token})["customDataIdentifierId"] for token in "aab"]
        self.assertEqual((ids[0] == ids[1], ids[0] == ids[2]), (True, False), "idempotent by its token only")
        got = self.ok("GET", f"/custom-data-identifiers/{ids[0]}")
        self.assertEqual({name: got[name] for name in self.WANTED}, self.WANTED)
        first = self.ok("POST", "/custom-data-identifiers/list", {})
        second = self.ok("POST", "/custom-data-identifiers/list", {"nextToken": first["nextToken"]})
        self.assertEqual([page["items"][0]["id"] for page in (first, second)], [ids[0], ids[2]])
        self.assertNotIn("nextToken", second)
        self.ok("DELETE", f"/custom-data-identifiers/{ids[0]}")
        self.assertTrue(self.ok("GET", f"/custom-data-identifiers/{ids[0]}")["deleted"])
        self.refused("ResourceNotFoundException", "DELETE", f"/custom-data-identifiers/{ids[0]}")
        self.refused("ResourceNotFoundException", "GET", "/custom-data-identifiers/none")
        self.refused("ResourceNotFoundException", "POST", "/jobs", self.job(customDataIdentifierIds=[ids[0]]))
        several = self.ok("POST", "/custom-data-identifiers/get", {"ids": [ids[2], "none"]})
        self.assertEqual((len(several["customDataIdentifiers"]), several["notFoundIdentifierIds"]), (1, ["none"]))

    def test_tags(self):
        self.enabled()
        identity = self.ok("POST", "/custom-data-identifiers", self.WANTED)["customDataIdentifierId"]
        arn = quote(self.ok("GET", f"/custom-data-identifiers/{identity}")["arn"], safe="")
        self.ok("POST", f"/tags/{arn}", {"tags": {"c": "d"}})
        self.ok("DELETE", f"/tags/{arn}?tagKeys=a&tagKeys=x")
        self.assertEqual(self.ok("GET", f"/tags/{arn}"), {"tags": {"c": "d"}})
        self.refused("ValidationException", "POST", f"/tags/{arn}", {"tags": {"aws:x": "d"}})
        self.refused("ResourceNotFoundException", "GET", f"/tags/{arn}x")

    def test_what_is_refused(self):
        self.enabled()
        for wrong in (
            {"regex": "(a)b"},
            {"regex": "a(?=b)"},
            {"regex": "a*"},
            {"regex": "["},
            {"regex": "a" * 513},
            {"name": ""},
            {"name": "n" * 129},
            {"keywords": ["ab"]},
            {"keywords": ["abc"] * 51},
            {"ignoreWords": ["abc"]},
            {"maximumMatchDistance": 301},
            {"severityLevels": [{"occurrencesThreshold": 5, "severity": "LOW"}, {"occurrencesThreshold": 5, "severity": "HIGH"}]},
        ):
            self.refused("ValidationException", "POST", "/custom-data-identifiers", self.WANTED | wrong)

    def test_matching(self):
        self.enabled()
        for text, count in (
            ("staff ID-123456", 1),
            ("STAFF ID-123456 ID-654321", 1),
            ("ID-123456 staff", 0),
            ("staff ID-000000", 0),
        ):
            said = self.ok("POST", "/custom-data-identifiers/test", self.WANTED | {"sampleText": text})
            self.assertEqual(said, {"matchCount": count}, text)


class Jobs(StandIn):
    def test_what_is_refused(self):
        self.enabled()
        both = self.job()["s3JobDefinition"] | {"bucketCriteria": {"includes": {}}}
        ends = {"simpleScopeTerm": {"comparator": "EQ", "key": "OBJECT_KEY", "values": ["a"]}}
        for wrong in (
            {"clientToken": None},
            {"clientToken": ""},
            {"name": ""},
            {"name": "n" * 501},
            {"description": "d" * 201},
            {"jobType": "DAILY"},
            {"initialRun": True},
            {"scheduleFrequency": {"dailySchedule": {}}},
            {"jobType": "SCHEDULED"},
            {"s3JobDefinition": {}},
            {"s3JobDefinition": both},
            {"s3JobDefinition": {"bucketDefinitions": [{"accountId": "1", "buckets": ["b"]}]}},
            {"s3JobDefinition": self.job()["s3JobDefinition"] | {"scoping": {"includes": {"and": [ends]}}}},
            {"managedDataIdentifierIds": ["AWS_CREDENTIALS"]},
            {"managedDataIdentifierSelector": "INCLUDE"},
            {"managedDataIdentifierSelector": "NONE"},
            {"customDataIdentifierIds": ["i"] * 31},
            {"samplingPercentage": 101},
            {"tags": {"aws:a": ""}},
        ):
            self.refused("ValidationException", "POST", "/jobs", self.job() | wrong)
        self.assertEqual(self.ok("POST", "/jobs/list", {})["items"], [])

    def test_one_job_a_token(self):
        self.enabled()
        first = self.created()
        self.assertEqual(self.created(), first)
        self.refused("ConflictException", "POST", "/jobs", self.job(name="other"))
        self.assertNotEqual(self.created(clientToken="other"), first, "names are not unique")

    def test_rate(self):
        self.enabled(create_rate=0, create_burst=2)
        self.created("a")
        self.created("b")
        self.assertEqual(self.ask("POST", "/jobs", self.job("c"))[::2], (429, "ThrottlingException"))
        self.control("settings", {"create_rate": 1000})
        time.sleep(0.01)
        self.created("c")

    def test_moves(self):
        self.enabled()
        for status in ("RUNNING", "PAUSED", "USER_PAUSED", "CANCELLED"):
            self.control("script", {"status": status, "times": 1})
            job = self.created(status)
            self.assertEqual(self.ok("GET", f"/jobs/{job}")["jobStatus"], status)
            self.assertEqual("userPausedDetails" in self.ok("GET", f"/jobs/{job}"), status == "USER_PAUSED")
            if status == "CANCELLED":
                message = self.refused("ValidationException", "PATCH", f"/jobs/{job}", {"jobStatus": "CANCELLED"})
                self.assertEqual(message, f"cannot update cancelled job for job {job}")
                continue
            if status != "USER_PAUSED":
                self.refused("ValidationException", "PATCH", f"/jobs/{job}", {"jobStatus": "RUNNING"})
            self.refused("ValidationException", "PATCH", f"/jobs/{job}", {"jobStatus": "COMPLETE"})
            self.ok("PATCH", f"/jobs/{job}", {"jobStatus": "CANCELLED"})
            self.assertEqual(self.ok("GET", f"/jobs/{job}")["jobStatus"], "CANCELLED")
        done = self.created("done")
        self.complete(done)
        self.refused("ValidationException", "PATCH", f"/jobs/{done}", {"jobStatus": "CANCELLED"})
        self.refused("ResourceNotFoundException", "GET", "/jobs/none")
        paused = self.control("script", {"status": "USER_PAUSED", "times": 1}) or self.created("resumed")
        self.ok("PATCH", f"/jobs/{paused}", {"jobStatus": "RUNNING"})
        self.complete(paused)

    def test_lists(self):
        self.enabled(page=2)
        jobs = [self.created(f"{n}") for n in range(5)]
        for job in jobs:
            self.complete(job)

        def listed(includes):
            ids, token = [], None
            while True:
                said = self.ok("POST", "/jobs/list", {"filterCriteria": {"includes": includes}, "maxResults": 200, "nextToken": token})
                self.assertLessEqual(len(said["items"]), 2)
                ids, token = ids + [item["jobId"] for item in said["items"]], said.get("nextToken")
                if not token:
                    return set(ids)

        self.assertEqual(listed([]), set(jobs))
        self.assertEqual(listed([{"comparator": "EQ", "key": "name", "values": ["n3"]}]), {jobs[3]})
        self.assertEqual(listed([{"comparator": "EQ", "key": "jobStatus", "values": ["RUNNING"]}]), set())
        self.refused("ValidationException", "POST", "/jobs/list", {"nextToken": "x"})
        self.refused("ValidationException", "POST", "/jobs/list", {"filterCriteria": {"includes": [{"comparator": "EQ", "key": "jobId", "values": ["x"]}]}})

    def test_a_bucket_that_cannot_be_read_is_an_error_of_the_run(self):
        self.enabled()
        definition = {"bucketDefinitions": [{"accountId": self.account, "buckets": [self.bucket + "-none"]}]}
        self.assertEqual(self.complete(self.created(s3JobDefinition=definition))["lastRunErrorStatus"], {"code": "ERROR"})


class Findings(StandIn):
    def test_findings_come_of_the_content(self):
        self.enabled()
        version = self.put("c/card.csv", CARD)
        found = self.scan("c/")
        self.assertEqual(len(found), 1)
        self.assertEqual((found[0]["type"], found[0]["severity"]), ("SensitiveData:S3Object/Financial", {"description": "High", "score": 3}))
        thing, result = found[0]["resourcesAffected"]["s3Object"], found[0]["classificationDetails"]["result"]
        self.assertEqual((thing["key"], thing["versionId"], thing["extension"]), ("c/card.csv", version, "csv"))
        self.assertEqual((result["status"]["code"], result["sensitiveData"][0]["detections"][0]["type"]), ("COMPLETE", "CREDIT_CARD_NUMBER"))
        self.assertEqual(result["sensitiveData"][0]["detections"][0]["occurrences"]["cells"][0]["columnName"], "credit card")
        self.assertTrue(found[0]["classificationDetails"]["detailedResultsLocation"].startswith("s3://[export-config-not-set]/AWSLogs/"))
        self.assertNotIn("4000004427083831", json.dumps(found))

    def test_selection(self):
        self.enabled()
        self.put("n.txt", NPI)
        npi = ["USA_NATIONAL_PROVIDER_IDENTIFIER"]
        for selector, ids, count in (("ALL", None, 1), ("RECOMMENDED", None, 0), (None, None, 0), ("INCLUDE", npi, 1), ("EXCLUDE", npi, 0)):
            found = self.scan(managedDataIdentifierSelector=selector, managedDataIdentifierIds=ids, clientToken=str(selector))
            self.assertEqual(len(found), count, selector)

    def test_custom_identifiers(self):
        self.enabled()
        levels = [{"occurrencesThreshold": 2, "severity": "LOW"}, {"occurrencesThreshold": 3, "severity": "HIGH"}]
        wanted = {"name": "staff", "regex": r"ID-\d{6}", "severityLevels": levels}
        identity = self.ok("POST", "/custom-data-identifiers", wanted)["customDataIdentifierId"]
        for count, severity in ((1, None), (2, "Low"), (3, "High")):
            self.put(f"{count}/a.txt", "ID-123456 " * count)
            found = self.scan(f"{count}/", managedDataIdentifierSelector="NONE", customDataIdentifierIds=[identity])
            self.assertEqual([one["severity"]["description"] for one in found], [severity] if severity else [])
            if found:
                detection = found[0]["classificationDetails"]["result"]["customDataIdentifiers"]["detections"][0]
                self.assertEqual((detection["name"], detection["count"], detection["arn"]), ("staff", count, identity))

    def test_a_prefix_is_no_key(self):
        self.enabled()
        self.put("a.csv", "seq\n1\n")
        self.put("a.csv.bak", CARD)
        self.put("b.csv", CARD)
        self.assertEqual([one["resourcesAffected"]["s3Object"]["key"] for one in self.scan("a.csv")], ["a.csv.bak"])

    def test_current_versions_at_the_time_of_the_run(self):
        self.enabled()
        self.control("script", {"key": "v.csv", "status": "RUNNING", "times": 1})
        self.put("v.csv", CARD)
        job = self.created("v.csv")
        self.put("v.csv", "seq\n1\n")
        self.assertEqual(self.ok("GET", f"/jobs/{job}")["jobStatus"], "RUNNING")
        self.assertEqual(self.control("release", {"key": "v.csv"}), {"released": 1})
        self.complete(job)
        self.assertEqual(self.findings(job), [], "the earlier version was never read")

    def test_containers_are_opened(self):
        self.enabled()
        self.put("z/a.zip", zipped({"inner.csv": CARD}))
        self.put("g/a.csv.gz", gzip.compress(CARD.encode()))
        self.put("j/a.json", json.dumps({"card": {"number": 4000004427083831}}))
        for prefix in ("z/", "g/", "j/"):
            self.assertEqual(len(self.scan(prefix)), 1, prefix)

    def test_what_is_skipped_says_nothing_but_in_the_results(self):
        self.enabled()
        place = {"bucketName": self.bucket, "keyPrefix": "out", "kmsKeyArn": "arn:aws:kms:eu-west-1:1:key/k"}
        self.ok("PUT", "/classification-export-configuration", {"configuration": {"s3Destination": place}})
        for key, body, headers, status in (
            ("png", PNG, None, ("SKIPPED", "UNSUPPORTED_FILE_TYPE_EXCEPTION")),
            ("cold", b"text", {"x-amz-storage-class": "GLACIER"}, ("SKIPPED", "INVALID_OBJECT_STATE")),
            ("zip", zipped({"a.txt": b"text"})[:-30], None, ("SKIPPED", "MALFORMED_FILE")),
            ("part", zipped({"a.txt": b"text", "b.png": PNG}), None, ("PARTIAL", "ARCHIVE_CONTAINS_UNPROCESSED_FILES")),
            ("fine", b"text", None, ("COMPLETE", None)),
        ):
            self.put(f"{key}/a", body, headers)
            job = self.created(f"{key}/")
            self.assertEqual(self.complete(job)["lastRunErrorStatus"], {"code": "NONE"})
            self.assertEqual(self.findings(job), [], key)
            results = self.results(job)
            self.assertEqual(len(results), 1, key)
            told = results[0]["classificationDetails"]["result"]["status"]
            self.assertEqual((told["code"], told["reason"], results[0]["resourcesAffected"]["s3Object"]["key"]), (*status, f"{key}/a"))

    def test_what_its_role_cannot_decrypt_is_skipped(self):
        self.enabled()
        place = {"bucketName": self.bucket, "keyPrefix": "out", "kmsKeyArn": "arn:aws:kms:eu-west-1:1:key/k"}
        self.ok("PUT", "/classification-export-configuration", {"configuration": {"s3Destination": place}})
        root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"}, "Action": "kms:*", "Resource": "*"}
        role = f"arn:aws:iam::{self.account}:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie"
        named = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": ["kms:Decrypt"], "Resource": "*"}
        narrowed = {"StringEquals": {"kms:CallerAccount": self.account}, "ArnEquals": {"aws:PrincipalArn": role}}
        anyone = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": narrowed}
        other = anyone | {"Condition": {"ArnEquals": {"aws:PrincipalArn": role + "2"}}}
        for at, (statements, code) in enumerate((([root], "SKIPPED"), ([root, named], "COMPLETE"), ([root, anyone], "COMPLETE"), ([root, other], "SKIPPED"))):
            policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
            key = ask(self.s3, "CreateKey", {"Policy": policy})[2]["KeyMetadata"]["Arn"]
            headers = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": key}
            self.put(f"{at}/a.csv", CARD, headers)
            job = self.created(f"{at}/")
            self.complete(job)
            self.assertEqual([one["classificationDetails"]["result"]["status"]["code"] for one in self.results(job)], [code], statements)
            self.assertEqual(len(self.findings(job)), int(code == "COMPLETE"))
        ask(self.s3, "DisableKey", {"KeyId": key})
        job = self.created(f"{at}/", clientToken="disabled")
        self.complete(job)
        self.assertEqual(self.results(job)[0]["classificationDetails"]["result"]["status"]["reason"], "INVALID_KMS_KEY")

    def test_lists(self):
        self.enabled(page=1)
        for name in "abc":
            self.put(f"{name}.csv", CARD)
        self.assertEqual(len(self.scan()), 3, "over three pages")
        one = {"findingCriteria": {"criterion": {"resourcesAffected.s3Object.key": {"eq": ["b.csv"]}}}}
        self.assertEqual(len(self.ok("POST", "/findings", one)["findingIds"]), 1)
        self.refused("ValidationException", "POST", "/findings", {"findingCriteria": {"criterion": {"resourcesAffected.s3Object.versionId": {"eq": ["b"]}}}})
        self.refused("ValidationException", "POST", "/findings/describe", {"findingIds": ["i"] * 51})
        self.refused("ValidationException", "POST", "/findings", {"maxResults": 51})


class Scripts(StandIn):
    def test_errors_and_lost_answers(self):
        self.enabled()
        self.put("a.csv", CARD)
        self.control("script", {"operation": "CreateClassificationJob", "key": "a.csv", "error": "InternalServerException", "times": 1})
        self.control("script", {"operation": "CreateClassificationJob", "bucket": self.bucket, "lost": True, "times": 1})
        self.refused("InternalServerException", "POST", "/jobs", self.job("a"))
        with self.assertRaises(http.client.RemoteDisconnected):
            self.ask("POST", "/jobs", self.job("a"))
        job = self.created("a")
        self.assertEqual([one["jobId"] for one in self.control("jobs")["jobs"]], [job])
        calls = [(one["status"], one["error"]) for one in self.control("calls")["calls"] if one["operation"] == "CreateClassificationJob"]
        self.assertEqual(calls, [(500, "InternalServerException"), (None, None), (200, None)])

    def test_fates_of_jobs(self):
        self.enabled()
        self.put("a.csv", "seq\n1\n")
        strange = [{}, {"key": "other", "severity": "LOW"}, {"versionId": "v"}]
        self.control("script", {"bucket": self.bucket, "findings": strange, "findings_after": 2, "run_error": True})
        job = self.created("a")
        self.assertEqual(self.complete(job)["lastRunErrorStatus"], {"code": "ERROR"})
        self.assertEqual([len(self.findings(job)) for _ in range(3)], [0, 0, 3])
        self.assertEqual({one["resourcesAffected"]["s3Object"]["key"] for one in self.findings(job)}, {"a.csv", "other"})

    def test_fates_of_results(self):
        self.enabled()
        place = {"bucketName": self.bucket, "keyPrefix": "out/", "kmsKeyArn": "arn:aws:kms:eu-west-1:1:key/k"}
        self.ok("PUT", "/classification-export-configuration", {"configuration": {"s3Destination": place}})
        self.put("a.csv", "seq\n1\n")
        for fate, codes in (({"results": "missing"}, []), ({"results": "PARTIAL", "reason": "TIME_CUT_OFF_REACHED"}, ["PARTIAL"]), ({"results_after": 600}, [])):
            self.control("script", fate | {"times": 1})
            job = self.created("a", clientToken=str(fate))
            self.complete(job)
            self.assertEqual([one["classificationDetails"]["result"]["status"]["code"] for one in self.results(job)], codes)

    def test_a_wrong_rule_is_refused(self):
        for rule in ({"operaton": "GetFindings"}, {"operation": "GetFindings", "status": "PAUSED"}, {"operation": "GetFindings", "error": "Nonsense"}):
            status, said, _ = self.ask("POST", f"/__macie__/{self.account}/script", rule)
            self.assertEqual(status, 400, said)


if __name__ == "__main__":
    unittest.main()
