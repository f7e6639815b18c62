"""What the stand-in finds: a few of Macie's managed identifiers, and custom ones by their own rules.

USA_NATIONAL_PROVIDER_IDENTIFIER is here because cvault's own detectors do not have it: only Macie finds it.
"""
import re
from dataclasses import dataclass, field

LEVELS = {"LOW": 1, "MEDIUM": 2, "HIGH": 3}
NEAR = 30  # How far a keyword may be from what it speaks of.


@dataclass(frozen=True)
class Managed:
    """A managed data identifier."""

    category: str
    pattern: re.Pattern
    keywords: tuple
    recommended: bool = True
    is_valid: object = staticmethod(lambda text: True)


@dataclass
class Found:
    """What one identifier has found in an object."""

    name: str
    category: str
    severity: str
    places: list = field(default_factory=list)
    arn: str | None = None


def luhn(digits):
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def digits(text):
    return re.sub(r"\D", "", text)


MANAGED = {
    "CREDIT_CARD_NUMBER": Managed(
        "FINANCIAL_INFORMATION",
        re.compile(r"(?<![\w.])[2-6]\d{3}(?:[ -]?\d){9,15}(?!\w)"),
        ("card", "credit", "ccn", "visa", "mastercard", "pan"),
        is_valid=lambda text: 13 <= len(digits(text)) <= 19 and luhn(digits(text)),
    ),
    "AWS_CREDENTIALS": Managed(
        "CREDENTIALS", re.compile(r"(?<![\w/+])[A-Za-z0-9/+]{40}(?![\w/+=])"), ("aws_secret_access_key", "credentials", "secret access key", "secret key")
    ),
    "USA_SOCIAL_SECURITY_NUMBER": Managed(
        "PERSONAL_INFORMATION", re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])"), ("ssn", "ss#", "social security")
    ),
    "USA_NATIONAL_PROVIDER_IDENTIFIER": Managed(
        "PERSONAL_INFORMATION",
        re.compile(r"(?<![\w.])[12]\d{9}(?!\w)"),
        ("npi", "hipaa", "national provider"),
        recommended=False,
        is_valid=lambda text: luhn("80840" + text),
    ),
}


def selected(job):
    """The managed identifiers that a job uses."""
    ids = set(job.get("managedDataIdentifierIds") or [])
    return {
        "ALL": lambda name: True,
        "NONE": lambda name: False,
        "INCLUDE": lambda name: name in ids,
        "EXCLUDE": lambda name: name not in ids,
        "RECOMMENDED": lambda name: MANAGED[name].recommended,
    }[job.get("managedDataIdentifierSelector") or "RECOMMENDED"]


def spaced(keyword):
    """A keyword as an expression: whole, whatever stands for its blanks."""
    return re.compile(r"(?<![a-z0-9])" + r"[ _-]?".join(re.escape(part) for part in re.split(r"[ _]", keyword.lower())) + r"(?![a-z0-9])")


def near(keywords, segment, match):
    """A keyword in the names, or close before or behind."""
    names = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", segment.names).lower()
    around = segment.text[max(0, match.start() - NEAR) : match.end() + NEAR].lower()
    return any(spaced(keyword).search(where) for keyword in keywords for where in (names, around))


def managed(segments, job):
    use, found = selected(job), []
    for name, rule in MANAGED.items():
        if not use(name):
            continue
        hits = [
            (segment, match)
            for segment in segments
            for match in rule.pattern.finditer(segment.text)
            if rule.is_valid(match.group()) and near(rule.keywords, segment, match)
        ]
        if hits:
            found.append(Found(name, rule.category, "HIGH", [place(*hit) for hit in hits]))
    return found


def custom(segments, identifier):
    """What a custom data identifier finds; None where it is less than its lowest threshold."""
    pattern, words = re.compile(identifier["regex"]), identifier.get("ignoreWords") or []
    hits = [
        (segment, match)
        for segment in segments
        for match in pattern.finditer(segment.text)
        if match.group() and not any(word in match.group() for word in words) and preceded(identifier, segment, match)
    ]
    levels = identifier.get("severityLevels") or [{"occurrencesThreshold": 1, "severity": "MEDIUM"}]
    reached = [level["severity"] for level in levels if len(hits) >= level["occurrencesThreshold"]]
    if not hits or not reached:
        return None
    severity = max(reached, key=LEVELS.get)
    return Found(identifier["name"], "CUSTOM_IDENTIFIER", severity, [place(*hit) for hit in hits], identifier["id"])


def preceded(identifier, segment, match):
    """A keyword in the names, or whole before the text with its end not too far from the text's. None: none is needed."""
    keywords, distance = identifier.get("keywords") or [], identifier.get("maximumMatchDistance") or 50
    before, names = segment.text[: match.start()].lower(), segment.names.lower()
    for keyword in map(str.lower, keywords):
        at = before.rfind(keyword)
        if keyword in names or at >= 0 and match.end() - (at + len(keyword)) <= distance:
            return True
    return not keywords


def place(segment, match):
    """Where a hit is, in Macie's terms."""
    kind, *rest = segment.place
    if kind == "cells":
        return kind, {"row": rest[0], "column": rest[1], "columnName": segment.names or None, "cellReference": None}
    if kind == "records":
        return kind, {"recordIndex": rest[0], "jsonPath": rest[1]} if rest else {"recordIndex": 0, "jsonPath": None}
    if kind == "pages":
        return kind, {"pageNumber": 1}
    start = segment.text.count("\n", 0, match.start()) + 1
    column = match.start() - (segment.text.rfind("\n", 0, match.start()) + 1) + 1
    end = segment.text.count("\n", 0, match.end()) + 1
    return kind, {"start": start, "end": end, "startColumn": column}
