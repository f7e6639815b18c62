"""Data identifiers: custom ones with all their rules, and the list of managed ones."""
import re
import uuid

from content import Segment
from detectors import LEVELS, MANAGED, custom
from wire import invalid, missing, page, tags, timestamp

SHOWN = ("arn", "createdAt", "description", "id", "name")


def lengths(name, words, most, shortest, longest):
    wrong = [word for word in words or [] if not shortest <= len(word) <= longest]
    if wrong or len(words or []) > most:
        raise invalid(f"The {name} are not valid: at most {most} of {shortest}-{longest} characters.")


def expression(params):
    """Macie's dialect: no groups that capture, no looking around, no references back."""
    regex = params.get("regex") or ""
    if not 1 <= len(regex) <= 512:
        raise invalid("The regex must have 1-512 characters.")
    plain = re.sub(r"\\[^0-9]", "", regex)
    if re.search(r"\((?!\?:)|\\[0-9]", re.sub(r"\[[^\]]*\]", "", plain)):
        raise invalid("The regex uses a construct that is not supported.")
    try:
        if re.compile(regex).match(""):
            raise invalid("The regex matches the empty text.")
    except re.error as error:
        raise invalid(f"The regex is not valid: {error}") from error


def check(params):
    expression(params)
    lengths("keywords", params.get("keywords"), 50, 3, 90)
    lengths("ignoreWords", params.get("ignoreWords"), 10, 4, 90)
    distance = params.get("maximumMatchDistance")
    if distance is not None and not 1 <= distance <= 300:
        raise invalid("The maximumMatchDistance must be from 1 to 300.")


def levels(params):
    given = params.get("severityLevels") or []
    rising = all(
        LEVELS[a["severity"]] < LEVELS[b["severity"]] and a["occurrencesThreshold"] < b["occurrencesThreshold"] for a, b in zip(given, given[1:])
    )
    if len(given) > 3 or not rising or any(level["occurrencesThreshold"] < 1 for level in given):
        raise invalid("The severityLevels must rise in threshold and severity, each severity once.")


def create(account, params):
    if not 1 <= len(params.get("name") or "") <= 128 or len(params.get("description") or "") > 512:
        raise invalid("The name must have 1-128 characters, the description at most 512.")
    check(params)
    levels(params)
    tags(params)
    for made in account.identifiers.values():
        if params.get("clientToken") and made["clientToken"] == params["clientToken"]:
            return {"customDataIdentifierId": made["id"]}
    identity = str(uuid.uuid4())
    fields = ("name", "description", "regex", "keywords", "ignoreWords", "maximumMatchDistance", "severityLevels", "tags", "clientToken")
    account.identifiers[identity] = {name: params.get(name) for name in fields} | {
        "id": identity,
        "arn": account.arn(f"custom-data-identifier/{identity}"),
        "createdAt": timestamp(),
        "deleted": False,
        "maximumMatchDistance": params.get("maximumMatchDistance") or 50,
    }
    return {"customDataIdentifierId": identity}


def get(account, params):
    if params["id"] not in account.identifiers:
        raise missing()
    return {name: value for name, value in account.identifiers[params["id"]].items() if name != "clientToken"}


def delete(account, params):
    """Soft: a deleted one can still be looked at, but not listed or used."""
    if get(account, params)["deleted"]:
        raise missing()
    account.identifiers[params["id"]]["deleted"] = True
    return {}


def listing(account, params):
    live = [made for made in account.identifiers.values() if not made["deleted"]]
    items, token = page(live, params, 1000, account.settings["page"])
    return {"items": [{name: made[name] for name in SHOWN} for made in items], "nextToken": token}


def several(account, params):
    known = [account.identifiers[identity] for identity in params.get("ids") or [] if identity in account.identifiers]
    unknown = [identity for identity in params.get("ids") or [] if identity not in account.identifiers]
    shown = [{name: made[name] for name in (*SHOWN, "deleted")} for made in known]
    return {"customDataIdentifiers": shown, "notFoundIdentifierIds": unknown}


def test(_account, params):
    check(params)
    found = custom([Segment(params.get("sampleText") or "")], params | {"name": "", "id": "", "severityLevels": None})
    return {"matchCount": len(found.places) if found else 0}


def managed(_account, params):
    items, token = page([{"id": name, "category": rule.category} for name, rule in MANAGED.items()], params, 1000)
    return {"items": items, "nextToken": token}


OPERATIONS = {
    "CreateCustomDataIdentifier": create,
    "GetCustomDataIdentifier": get,
    "DeleteCustomDataIdentifier": delete,
    "ListCustomDataIdentifiers": listing,
    "BatchGetCustomDataIdentifiers": several,
    "TestCustomDataIdentifier": test,
    "ListManagedDataIdentifiers": managed,
}
