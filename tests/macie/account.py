"""One account's Macie in one region: the session, and what all operations share."""
import threading
import time
import uuid

from emulator import Emulator
from script import Script
from wire import Refused, invalid, missing, tags, timestamp

SETTINGS = {
    # How long a job takes; with Macie it is minutes to hours (truths M11).
    "job_seconds": 0.1,
    # CreateClassificationJob: how many a second, and how many at once. Macie's own: 0.1 and 1.
    "create_rate": 0.1,
    "create_burst": 1,
    # Lists give no more than this a page, whatever is asked for.
    "page": None,
    # So many times GetMacieSession fails after Macie was enabled (truths M4).
    "settling": 0,
}


class Account:
    """The state of one account in one region. `changed` guards all of it, and wakes the jobs."""

    def __init__(self, account, region, world):
        self.account, self.region, self.world = account, region, world
        self.changed = threading.Condition(threading.RLock())
        self.settings, self.script = dict(SETTINGS), Script()
        self.reset()

    def reset(self):
        """As before Macie was ever enabled: what DisableMacie leaves (truths M8)."""
        self.session, self.settling = None, 0
        self.identifiers, self.jobs, self.findings = {}, {}, []
        self.export, self.discovery = None, None
        self.created_at, self.tokens_left = time.monotonic(), None

    @property
    def emulator(self):
        return Emulator(self.world["endpoint"], self.account, self.region)

    def arn(self, resource):
        return f"arn:aws:macie2:{self.region}:{self.account}:{resource}"

    def throttle(self):
        """One token of CreateClassificationJob's rate."""
        rate, burst, now = self.settings["create_rate"], self.settings["create_burst"], time.monotonic()
        left = burst if self.tokens_left is None else min(burst, self.tokens_left + (now - self.created_at) * rate)
        self.created_at, self.tokens_left = now, left - (left >= 1)
        if left < 1:
            raise Refused("ThrottlingException", "Too Many Requests")

    def tagged(self, arn):
        """The resource with this ARN, which has tags."""
        kind, _, identity = arn.rpartition(":")[2].partition("/")
        of_kind = {"classification-job": self.jobs, "custom-data-identifier": self.identifiers}.get(kind, {})
        if identity not in of_kind or arn != self.arn(f"{kind}/{identity}"):
            raise missing()
        return of_kind[identity]


def enable(account, params):
    if account.session:
        raise Refused("ConflictException", "Macie has already been enabled")
    now = timestamp()
    account.session = {
        "createdAt": now,
        "updatedAt": now,
        "findingPublishingFrequency": "FIFTEEN_MINUTES",
        "status": "ENABLED",
        "serviceRole": f"arn:aws:iam::{account.account}:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie",
    }
    account.settling = account.settings["settling"]
    account.discovery = {"status": "ENABLED", "autoEnableOrganizationMembers": "NONE", "firstEnabledAt": now, "lastUpdatedAt": now}
    account.discovery |= {"classificationScopeId": uuid.uuid4().hex, "sensitivityInspectionTemplateId": uuid.uuid4().hex}
    account.emulator.create_service_linked_role()
    return change(account, params)


def get(account, _params):
    if account.settling > 0:
        account.settling -= 1
        raise Refused("InternalServerException", "An internal error occurred. Try again.")
    return account.session


def change(account, params):
    asked = {name: params[name] for name in ("status", "findingPublishingFrequency") if params.get(name)}
    if asked.get("status", "ENABLED") not in ("ENABLED", "PAUSED"):
        raise invalid(f"The status {asked['status']} is not valid.")
    if asked.get("findingPublishingFrequency", "ONE_HOUR") not in ("FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"):
        raise invalid(f"The frequency {asked['findingPublishingFrequency']} is not valid.")
    account.session |= asked | {"updatedAt": timestamp()}
    return {}


def disable(account, _params):
    account.reset()
    with account.changed:
        account.changed.notify_all()
    return {}


def get_discovery(account, _params):
    return account.discovery


def update_discovery(account, params):
    if params.get("status") not in ("ENABLED", "DISABLED"):
        raise invalid(f"The status {params.get('status')} is not valid.")
    stopped = {"disabledAt": timestamp()} if params["status"] == "DISABLED" else {}
    account.discovery |= {"status": params["status"], "lastUpdatedAt": timestamp()} | stopped
    return {}


def get_export(account, _params):
    return {"configuration": account.export} if account.export else {}


def put_export(account, params):
    place = (params.get("configuration") or {}).get("s3Destination") or {}
    if not place.get("bucketName") or not place.get("kmsKeyArn"):
        raise invalid("The s3Destination must have a bucketName and a kmsKeyArn.")
    account.export = params["configuration"]
    return {"configuration": account.export}


def list_tags(account, params):
    return {"tags": account.tagged(params["resourceArn"]).get("tags") or {}}


def add_tags(account, params):
    resource = account.tagged(params["resourceArn"])
    resource["tags"] = (resource.get("tags") or {}) | tags(params)
    return {}


def remove_tags(account, params):
    resource = account.tagged(params["resourceArn"])
    resource["tags"] = {key: value for key, value in (resource.get("tags") or {}).items() if key not in params["tagKeys"]}
    return {}


OPERATIONS = {
    "EnableMacie": enable,
    "GetMacieSession": get,
    "UpdateMacieSession": change,
    "DisableMacie": disable,
    "GetAutomatedDiscoveryConfiguration": get_discovery,
    "UpdateAutomatedDiscoveryConfiguration": update_discovery,
    "GetClassificationExportConfiguration": get_export,
    "PutClassificationExportConfiguration": put_export,
    "ListTagsForResource": list_tags,
    "TagResource": add_tags,
    "UntagResource": remove_tags,
}
