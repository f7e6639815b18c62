"""What a test has in store: for the jobs about some objects, and for the answers to some calls.

A rule is an object. `bucket` and `key` (a part of the object's key) say whom it concerns, both optional; `times`
how often it holds (always). With `operation` it is about calls:

    {"operation": "CreateClassificationJob", "error": "ThrottlingException", "times": 3}
    {"operation": "CreateClassificationJob", "lost": true}    done, but the answer does not arrive

Without, it is about jobs, from their creation on. A job may see many objects, and is as the rules about any of them say:

    status           RUNNING: stays so until released; PAUSED, USER_PAUSED, CANCELLED: is so at once
    run_error        true: lastRunErrorStatus ERROR
    job_seconds      how long it takes
    findings_after   so many lists of the job's findings stay without them

These are about each of the objects for itself:

    findings         more findings, each {"key", "versionId", "eTag", "severity", "type"}, all optional
    results          "missing", "PARTIAL" or "SKIPPED"; with `reason`
    results_after    so many seconds the discovery results come later than COMPLETE
"""
import functools

from wire import STATUS, Lost, Refused

OBJECT = {"findings", "results", "reason", "results_after"}
JOB = {"status", "run_error", "job_seconds", "findings_after"} | OBJECT
CALL = {"operation", "error", "message", "lost"}
WHOM = {"bucket", "key", "times"}


class Script:
    """The rules of an account, and the calls that it has seen."""

    def __init__(self):
        self.rules, self.calls = [], []

    def add(self, rule):
        known = CALL if "operation" in rule else JOB
        unknown = set(rule) - known - WHOM
        if unknown or rule.get("error", "ThrottlingException") not in STATUS:
            raise ValueError(f"no such rule: {sorted(unknown) or rule['error']}")
        self.rules.append(dict(rule))

    def take(self, concerns, about, merge):
        """The members of all rules that concern these objects, later rules over earlier ones; each is used up once."""
        taken, about = {}, functools.cache(about)
        for rule in self.rules:
            if rule.get("times") == 0 or not concerns(rule) or not fits(rule, about()):
                continue
            if "times" in rule:
                rule["times"] -= 1
            taken |= {name: value for name, value in rule.items() if name not in WHOM}
            if not merge:
                break
        return taken

    def fate(self, about):
        """What becomes of a job about these objects, and in `objects` of each of them."""
        about = about()
        each = {pair: self.of_object(pair) for pair in about}
        return self.take(lambda rule: "operation" not in rule, lambda: about, merge=True) | {"objects": each}

    def of_object(self, pair):
        """What the rules have in store for one of them."""
        merged = {}
        for rule in self.rules:
            if rule.get("times") != 0 and "operation" not in rule and fits(rule, [pair]):
                merged |= {name: value for name, value in rule.items() if name in OBJECT}
        return merged

    def interfere(self, operation, about, perform):
        """Performs a call unless a rule fails it, and loses the answer where a rule says so."""
        rule = self.take(lambda rule: rule.get("operation") == operation, about, merge=False)
        if "error" in rule:
            raise Refused(rule["error"], rule.get("message") or "The test has it so.")
        answer = perform()
        if rule.get("lost"):
            raise Lost
        return answer


def fits(rule, about):
    """`about` has (bucket, key) pairs. A rule that names neither concerns every call and job."""
    if "bucket" not in rule and "key" not in rule:
        return True
    return any(rule.get("bucket", bucket) == bucket and rule.get("key", "") in key for bucket, key in about)
