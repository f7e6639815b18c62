"""Classification jobs: what Macie refuses, and their life from RUNNING to COMPLETE."""
import threading
import time
import uuid

import scope
from findings import analyse
from scope import COMPARE
from script import fits
from wire import Refused, invalid, missing, page, tags, timestamp

ACTIVE = {"IDLE", "PAUSED", "RUNNING", "USER_PAUSED"}
# From which states a job may be told to go to which (truths M7).
MOVES = {"CANCELLED": ACTIVE, "RUNNING": {"USER_PAUSED"}, "USER_PAUSED": {"IDLE", "PAUSED", "RUNNING"}}
GIVEN = (
    "allowListIds clientToken customDataIdentifierIds description jobType managedDataIdentifierIds managedDataIdentifierSelector"
    " name s3JobDefinition samplingPercentage scheduleFrequency tags"
).split()
SHOWN = ("bucketDefinitions", "createdAt", "jobId", "jobStatus", "jobType", "lastRunErrorStatus", "name", "userPausedDetails")
MONTH = 30 * 24 * 3600


def check(account, params):
    if not params.get("clientToken"):
        raise invalid("The clientToken must not be null.")
    if not 1 <= len(params.get("name") or "") <= 500 or len(params.get("description") or "") > 200:
        raise invalid("The name must have 1-500 characters, the description at most 200.")
    if params.get("jobType") not in ("ONE_TIME", "SCHEDULED"):
        raise invalid(f"The jobType {params.get('jobType')} is not valid.")
    once = params["jobType"] == "ONE_TIME"
    if once and (params.get("scheduleFrequency") or params.get("initialRun") is not None):
        raise invalid("A job that runs only once has no scheduleFrequency and no initialRun.")
    if not once and not params.get("scheduleFrequency"):
        raise invalid("A recurring job needs a scheduleFrequency.")
    if not 1 <= (params.get("samplingPercentage") or 100) <= 100 or params.get("allowListIds"):
        raise invalid("The samplingPercentage must be from 1 to 100; the stand-in knows no allow lists.")
    tags(params)
    scope.check(params.get("s3JobDefinition") or {}, account.account)
    check_identifiers(account, params)


def check_identifiers(account, params):
    custom, managed = params.get("customDataIdentifierIds") or [], params.get("managedDataIdentifierIds") or []
    selector = params.get("managedDataIdentifierSelector") or "RECOMMENDED"
    if len(custom) > 30:
        raise invalid("A job can use at most 30 custom data identifiers.")
    if any(identity not in account.identifiers or account.identifiers[identity]["deleted"] for identity in custom):
        raise missing()
    if selector not in ("ALL", "EXCLUDE", "INCLUDE", "NONE", "RECOMMENDED"):
        raise invalid(f"The managedDataIdentifierSelector {selector} is not valid.")
    if bool(managed) != (selector in ("EXCLUDE", "INCLUDE")):
        raise invalid(f"The managedDataIdentifierIds do not go with the managedDataIdentifierSelector {selector}.")
    if selector == "NONE" and not custom:
        raise invalid("Without managed data identifiers a job needs custom ones.")


def create(account, params):
    check(account, params)
    for job in account.jobs.values():
        if job["clientToken"] == params["clientToken"]:
            # Macie's pages do not say what becomes of a token with other parameters: the stricter answer.
            if any(job.get(name) != params.get(name) for name in GIVEN):
                raise Refused("ConflictException", "The clientToken was used for a job with other parameters.")
            return {name: job[name] for name in ("jobArn", "jobId")}
    identity, now = uuid.uuid4().hex, timestamp()
    job = {name: params[name] for name in GIVEN if params.get(name) is not None} | {
        "jobId": identity,
        "jobArn": account.arn(f"classification-job/{identity}"),
        "jobStatus": "RUNNING" if params["jobType"] == "ONE_TIME" else "IDLE",
        "createdAt": now,
        "lastRunTime": now,
        "initialRun": False,
        "lastRunErrorStatus": {"code": "NONE"},
        "statistics": {"approximateNumberOfObjectsToProcess": 1.0, "numberOfRuns": 1.0},
    }
    account.jobs[identity] = job
    begin(account, job, account.script.fate(lambda: covered(account, job["s3JobDefinition"])))
    return {"jobArn": job["jobArn"], "jobId": identity}


def covered(account, definition):
    """The (bucket, key) pairs that a job covers right now."""
    return [(item.bucket, item.key) for item in scope.objects(definition, account.emulator)[0]]


def begin(account, job, fate):
    seconds = fate.get("job_seconds", account.settings["job_seconds"])
    job["_"] = {"fate": fate, "due": time.monotonic() + seconds, "held": fate.get("status") == "RUNNING", "lists": 0}
    move(job, fate.get("status", job["jobStatus"]))
    threading.Thread(target=live, args=(account, job), daemon=True).start()


def live(account, job):
    """Waits for the job's time, reads what is there by then, and completes it if nobody has stopped it."""
    with account.changed:
        while account.jobs.get(job["jobId"]) is job and job["jobStatus"] in ACTIVE:
            left = job["_"]["due"] - time.monotonic()
            runs = job["jobStatus"] == "RUNNING" and not job["_"]["held"]
            if runs and left <= 0:
                break
            account.changed.wait(left if runs else None)
        else:
            return
    outcome = analyse(account, job)
    with account.changed:
        if job["jobStatus"] == "RUNNING" and account.jobs.get(job["jobId"]) is job:
            outcome.publish(account, job)
            move(job, "COMPLETE")
            job["statistics"]["approximateNumberOfObjectsToProcess"] = 0.0


def move(job, status):
    job["jobStatus"] = status
    job.pop("userPausedDetails", None)
    if status == "USER_PAUSED":
        job["userPausedDetails"] = {"jobPausedAt": timestamp(), "jobExpiresAt": timestamp(time.time() + MONTH)}


def describe(account, params):
    if params["jobId"] not in account.jobs:
        raise missing()
    return {name: value for name, value in account.jobs[params["jobId"]].items() if name != "_"}


def update(account, params):
    is_now, should = describe(account, params)["jobStatus"], params.get("jobStatus")
    if should not in MOVES:
        raise invalid(f"The jobStatus {should} is not valid.")
    if is_now not in ACTIVE:
        raise invalid(f"cannot update {is_now.lower()} job for job {params['jobId']}")
    if is_now not in MOVES[should]:
        raise invalid(f"The job {params['jobId']} is {is_now} and cannot become {should}.")
    move(account.jobs[params["jobId"]], should)
    account.changed.notify_all()
    return {}


def listing(account, params):
    criteria = params.get("filterCriteria") or {}
    jobs = [
        summary(job)
        for job in account.jobs.values()
        if all(holds(term, job) for term in criteria.get("includes") or []) and not any(holds(term, job) for term in criteria.get("excludes") or [])
    ]
    order = params.get("sortCriteria") or {}
    jobs.sort(key=lambda job: job[order.get("attributeName") or "createdAt"], reverse=(order.get("orderBy") or "DESC") == "DESC")
    items, token = page(jobs, params, 200, account.settings["page"])
    return {"items": items, "nextToken": token}


def summary(job):
    flat = job | job["s3JobDefinition"]
    return {name: flat[name] for name in SHOWN if name in flat}


def holds(term, job):
    key, comparator, values = term.get("key"), term.get("comparator"), term.get("values") or []
    if key not in ("jobType", "jobStatus", "createdAt", "name") or comparator not in COMPARE or not values:
        raise invalid(f"The filter {key} {comparator} is not valid.")
    fits = [COMPARE[comparator](job[key], value) for value in values]
    return all(fits) if comparator == "NE" else any(fits)


def about(account, operation, params):
    """The objects that a call concerns, for the script."""
    if operation == "CreateClassificationJob":
        return covered(account, params["s3JobDefinition"])
    criteria = (params.get("findingCriteria") or {}).get("criterion") or {}
    named = [params.get("jobId"), *((criteria.get("classificationDetails.jobId") or {}).get("eq") or [])]
    named += [found["classificationDetails"]["jobId"] for found in account.findings if found["id"] in (params.get("findingIds") or [])]
    return [pair for identity in named if identity in account.jobs for pair in covered(account, account.jobs[identity]["s3JobDefinition"])]


def release(account, whom):
    """Lets jobs go on that a rule holds, and says how many they were."""
    held = [
        job
        for job in account.jobs.values()
        if job["jobStatus"] in ACTIVE and fits(whom, covered(account, job["s3JobDefinition"]))
    ]
    for job in held:
        job["_"] |= {"held": False, "due": time.monotonic()}
        move(job, "RUNNING")
    account.changed.notify_all()
    return len(held)


OPERATIONS = {
    "CreateClassificationJob": create,
    "DescribeClassificationJob": describe,
    "UpdateClassificationJob": update,
    "ListClassificationJobs": listing,
}
