"""What a job finds, and how findings are listed and got."""
import os.path
import uuid
from dataclasses import dataclass, field

import scope
from content import Content, judge
from detectors import LEVELS, Found, custom, managed
from emulator import Listed, Unreachable
from results import export, location
from wire import invalid, page, timestamp

TYPES = {"CREDENTIALS": "Credentials", "FINANCIAL_INFORMATION": "Financial", "PERSONAL_INFORMATION": "Personal", "CUSTOM_IDENTIFIER": "CustomIdentifier"}
SHOWN_PLACES = 15
# What ListFindings may be asked to filter by (Macie user guide, fields for filtering findings).
FILTERS = {
    "accountId", "archived", "category", "createdAt", "id", "region", "sample", "severity.description", "type", "updatedAt",
    "classificationDetails.jobId", "classificationDetails.originType", "classificationDetails.result.mimeType",
    "classificationDetails.result.customDataIdentifiers.detections.arn", "classificationDetails.result.customDataIdentifiers.detections.name",
    "classificationDetails.result.sensitiveData.category", "classificationDetails.result.sensitiveData.detections.type",
    "resourcesAffected.s3Bucket.name", "resourcesAffected.s3Object.extension", "resourcesAffected.s3Object.key",
    "resourcesAffected.s3Object.path", "resourcesAffected.s3Object.storageClass",
}  # fmt: skip


@dataclass
class Outcome:
    """What a run of a job came to: a record for each object in its scope, and the findings among them."""

    records: list = field(default_factory=list)
    failed: bool = False

    def publish(self, account, job):
        fate = job["_"]["fate"]
        if self.failed or fate.get("run_error"):
            job["lastRunErrorStatus"] = {"code": "ERROR"}
        found = [record for record in self.records if record["type"]]
        for pair, own in fate["objects"].items():
            found += [scripted(account, job, pair, spec) for spec in own.get("findings") or []]
        account.findings += found
        export(account, self.records, fate["objects"])


def analyse(account, job):
    """Reads every object in scope, and only the current version of each, as Macie does."""
    outcome = Outcome()
    items, outcome.failed = scope.objects(job["s3JobDefinition"], account.emulator)
    for item in items:
        try:
            content = judge(item, account.emulator)
        except Unreachable:
            outcome.failed = True
            continue
        if content is None:
            continue
        known = [account.identifiers[identity] for identity in job.get("customDataIdentifierIds") or []]
        hits = managed(content.segments, job) + [hit for identifier in known if (hit := custom(content.segments, identifier))]
        outcome.records.append(record(account, job, item, content, hits))
    return outcome


def record(account, job, item, content, hits):
    """One object's discovery result, which is its finding too where something was found."""
    now = timestamp()
    worst = max((hit.severity for hit in hits), key=LEVELS.get, default=None)
    categories = {hit.category for hit in hits}
    kind = TYPES[categories.pop()] if len(categories) == 1 else "Multiple" if categories else None
    details = {
        "detailedResultsLocation": f"s3://{location(account, job)}/{uuid.uuid4()}.jsonl.gz",
        "jobArn": job["jobArn"],
        "jobId": job["jobId"],
        "originType": "SENSITIVE_DATA_DISCOVERY_JOB",
        "result": {
            "additionalOccurrences": any(len(hit.places) > SHOWN_PLACES for hit in hits),
            "customDataIdentifiers": customs(hits),
            "mimeType": content.mime,
            "sensitiveData": sensitive(hits),
            "sizeClassified": item.size if content.status != "SKIPPED" else 0,
            "status": {"code": content.status, "reason": content.reason},
        },
    }
    return {
        "accountId": account.account,
        "archived": False,
        "category": "CLASSIFICATION",
        "classificationDetails": details,
        "count": 1,
        "createdAt": now,
        "description": "The S3 object contains sensitive data." if kind else None,
        "id": uuid.uuid4().hex,
        "partition": "aws",
        "region": account.region,
        "resourcesAffected": {"s3Bucket": {"arn": f"arn:aws:s3:::{item.bucket}", "name": item.bucket}, "s3Object": shown(item)},
        "sample": False,
        "schemaVersion": "1.0",
        "severity": {"description": worst.capitalize(), "score": LEVELS[worst]} if worst else None,
        "title": "The S3 object contains sensitive data" if kind else None,
        "type": f"SensitiveData:S3Object/{kind}" if kind else None,
        "updatedAt": now,
    }


def shown(item):
    return {
        "bucketArn": f"arn:aws:s3:::{item.bucket}",
        "eTag": item.etag,
        "extension": os.path.splitext(item.key)[1][1:],
        "key": item.key,
        "lastModified": item.modified,
        "path": f"{item.bucket}/{item.key}",
        "publicAccess": False,
        "serverSideEncryption": {"encryptionType": "aws:kms" if item.kms_key else "AES256", "kmsMasterKeyId": item.kms_key or None},
        "size": item.size,
        "storageClass": item.storage_class,
        "tags": [],
        "versionId": item.version_id,
    }


def occurrences(hit):
    places = {}
    for kind, where in hit.places[:SHOWN_PLACES]:
        places.setdefault(kind, []).append(where)
    return places


def customs(hits):
    own = [hit for hit in hits if hit.category == "CUSTOM_IDENTIFIER"]
    # The ARN of a custom detection is, with Macie itself, the bare id.
    detections = [{"arn": hit.arn, "count": len(hit.places), "name": hit.name, "occurrences": occurrences(hit)} for hit in own]
    return {"detections": detections, "totalCount": sum(len(hit.places) for hit in own)}


def sensitive(hits):
    groups = {}
    for hit in hits:
        if hit.category != "CUSTOM_IDENTIFIER":
            groups.setdefault(hit.category, []).append({"type": hit.name, "count": len(hit.places), "occurrences": occurrences(hit)})
    return [{"category": category, "detections": group, "totalCount": sum(one["count"] for one in group)} for category, group in groups.items()]


def scripted(account, job, pair, spec):
    """A finding that a test has invented, by default a severe one about this object."""
    items = [item for item in scope.objects(job["s3JobDefinition"], account.emulator)[0] if (item.bucket, item.key) == pair]
    item = items[0] if items else Listed(*pair, 1, "", timestamp(), "STANDARD")
    account.emulator.get(item)
    item.key, item.version_id, item.etag = (spec.get(name, own) for name, own in (("key", item.key), ("versionId", item.version_id), ("eTag", item.etag)))
    line = {"start": 1, "end": 1, "startColumn": 1}
    hit = Found(spec.get("type", "ADDRESS"), "PERSONAL_INFORMATION", spec.get("severity", "HIGH"), [("lineRanges", line)])
    return record(account, job, item, Content("text"), [hit])


def values(finding, path):
    """What is at a path of a finding; lists on the way give all that is in them."""
    found = [finding]
    for name in path.split("."):
        found = [value.get(name) for value in found if isinstance(value, dict)]
        found = [one for value in found for one in (value if isinstance(value, list) else [value])]
    return [str(value).lower() if isinstance(value, bool) else value for value in found]


def holds(finding, path, condition):
    if path not in FILTERS:
        raise invalid(f"The field {path} is not one that findings can be filtered by.")
    found = values(finding, path)
    tests = {
        "eq": lambda wanted: any(value in wanted for value in found),
        "neq": lambda wanted: not any(value in wanted for value in found),
        "eqExactMatch": lambda wanted: set(found) == set(wanted),
    }
    if not condition or set(condition) - set(tests):
        raise invalid(f"The stand-in knows no such condition on {path}: {sorted(condition)}")
    return all(tests[name](wanted) for name, wanted in condition.items() if wanted is not None)


def listing(account, params):
    criteria = (params.get("findingCriteria") or {}).get("criterion") or {}
    asked = (criteria.get("classificationDetails.jobId") or {}).get("eq") or []
    late = set()
    for job in (account.jobs.get(identity) for identity in asked):
        if job and job["_"]["lists"] < job["_"]["fate"].get("findings_after", 0):
            late.add(job["jobId"])
            job["_"]["lists"] += 1
    found = [
        finding["id"]
        for finding in account.findings
        if finding["classificationDetails"]["jobId"] not in late and all(holds(finding, path, condition) for path, condition in criteria.items())
    ]
    items, token = page(found, params, 50, account.settings["page"])
    return {"findingIds": items, "nextToken": token}


def get(account, params):
    wanted = params.get("findingIds") or []
    if not 1 <= len(wanted) <= 50:
        raise invalid("The findingIds must be 1-50.")
    return {"findings": [finding for finding in account.findings if finding["id"] in wanted]}


OPERATIONS = {"ListFindings": listing, "GetFindings": get}
