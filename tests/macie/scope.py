"""Which objects a job covers: its buckets, and the conditions on keys, extensions and sizes."""
from emulator import Unreachable
from wire import invalid

COMPARATORS = {
    "OBJECT_KEY": {"STARTS_WITH"},
    "OBJECT_EXTENSION": {"EQ", "NE"},
    "OBJECT_SIZE": {"EQ", "NE", "GT", "GTE", "LT", "LTE"},
    "OBJECT_LAST_MODIFIED_DATE": {"EQ", "NE", "GT", "GTE", "LT", "LTE"},
}
COMPARE = {
    "EQ": lambda a, b: a == b,
    "NE": lambda a, b: a != b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "STARTS_WITH": lambda a, b: a.startswith(b),
    "CONTAINS": lambda a, b: b in a,
}


def check(definition, account):
    """Refuses what Macie refuses as `s3JobDefinition`."""
    buckets, criteria = definition.get("bucketDefinitions"), definition.get("bucketCriteria")
    if bool(buckets) == bool(criteria):
        raise invalid("The s3JobDefinition must contain a bucketDefinitions array or a bucketCriteria object, not both.")
    if criteria:
        raise invalid("the stand-in knows no bucketCriteria")
    for item in buckets:
        if not item.get("buckets") or item.get("accountId") != account:
            raise invalid("Each of the bucketDefinitions must name buckets, and the account that owns them.")
    for term in terms(definition, "includes") + terms(definition, "excludes"):
        if term.get("comparator") not in COMPARATORS.get(term.get("key"), ()):
            raise invalid(f"The comparator {term.get('comparator')} is not valid for the key {term.get('key')}.")
        if not term.get("values") or len(term["values"]) > 1 and term["key"] not in ("OBJECT_KEY", "OBJECT_EXTENSION"):
            raise invalid(f"The number of values is not valid for the key {term['key']}.")


def terms(definition, side):
    """The conditions on one side, all of which have to hold."""
    block = (definition.get("scoping") or {}).get(side) or {}
    found = [term.get("simpleScopeTerm") for term in block.get("and") or []]
    if None in found:
        raise invalid("the stand-in knows no tagScopeTerm")
    return found


def buckets(definition):
    return [name for item in definition["bucketDefinitions"] for name in item["buckets"]]


def prefixes(definition):
    """The key prefixes that a listing can start from; the empty one where the job names none."""
    keys = [term["values"] for term in terms(definition, "includes") if term["key"] == "OBJECT_KEY"]
    return keys[0] if keys else [""]


def holds(term, item):
    """Whether one of the values fits. NE means none of them."""
    name = item.key.rsplit("/", 1)[-1]
    is_value = {
        "OBJECT_KEY": item.key,
        "OBJECT_EXTENSION": name.rsplit(".", 1)[-1] if "." in name else "",
        "OBJECT_SIZE": item.size,
        "OBJECT_LAST_MODIFIED_DATE": item.modified,
    }[term["key"]]
    wanted = [int(value) if term["key"] == "OBJECT_SIZE" else value for value in term["values"]]
    fits = [COMPARE[term["comparator"]](is_value, value) for value in wanted]
    return all(fits) if term["comparator"] == "NE" else any(fits)


def covers(definition, item):
    included = all(holds(term, item) for term in terms(definition, "includes"))
    excluded = terms(definition, "excludes")
    return included and not (excluded and all(holds(term, item) for term in excluded))


def objects(definition, emulator):
    """The current versions in scope, in order, and whether a bucket could not be read."""
    found, failed = {}, False
    for bucket in buckets(definition):
        try:
            for prefix in prefixes(definition):
                items = emulator.list(bucket, prefix)
                found |= {(bucket, item.key): item for item in items if covers(definition, item)}
        except Unreachable:
            failed = True
    return [found[name] for name in sorted(found)], failed
