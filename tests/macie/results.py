"""Sensitive data discovery results: where Macie exports them to, a file for each object, analysed or not."""
import gzip
import json
import threading


def location(account, job):
    """The folder of a job's results; without a configuration Macie names one that does not exist."""
    place = (account.export or {}).get("s3Destination") or {"bucketName": "[export-config-not-set]"}
    prefix = (place.get("keyPrefix") or "").rstrip("/")
    parts = (place["bucketName"], prefix, "AWSLogs", account.account, "Macie", account.region, job["jobId"], account.account)
    return "/".join(part for part in parts if part)


def export(account, records, fates):
    """Stores them now, or as late as a test wants them; nowhere without a configuration."""
    for entry in records if account.export else []:
        affected = entry["resourcesAffected"]
        fate = fates.get((affected["s3Bucket"]["name"], affected["s3Object"]["key"]), {})
        if fate.get("results") == "missing":
            continue
        later = threading.Timer(fate.get("results_after", 0), store, (account, entry, fate))
        later.daemon = True
        later.start() if later.interval else later.run()


def store(account, entry, fate):
    details = entry["classificationDetails"]
    result = details["result"]
    if fate.get("results"):
        result = result | {"status": {"code": fate["results"], "reason": fate.get("reason", "PERMISSION_DENIED")}}
    line = json.dumps(entry | {"classificationDetails": details | {"result": result}})
    bucket, _, key = details["detailedResultsLocation"].removeprefix("s3://").partition("/")
    account.emulator.put(bucket, key, gzip.compress(line.encode() + b"\n"), account.export["s3Destination"]["kmsKeyArn"])
