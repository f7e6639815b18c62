"""Macie's wire format: who asks, what for, and how answers and errors are written (REST-JSON, botocore's macie2 model)."""
import json
import re
import time
from urllib.parse import parse_qs, unquote, urlsplit

SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")

ROUTES = [
    ("POST", "/macie", "EnableMacie"),
    ("GET", "/macie", "GetMacieSession"),
    ("PATCH", "/macie", "UpdateMacieSession"),
    ("DELETE", "/macie", "DisableMacie"),
    ("POST", "/custom-data-identifiers", "CreateCustomDataIdentifier"),
    ("POST", "/custom-data-identifiers/list", "ListCustomDataIdentifiers"),
    ("POST", "/custom-data-identifiers/get", "BatchGetCustomDataIdentifiers"),
    ("POST", "/custom-data-identifiers/test", "TestCustomDataIdentifier"),
    ("GET", "/custom-data-identifiers/{id}", "GetCustomDataIdentifier"),
    ("DELETE", "/custom-data-identifiers/{id}", "DeleteCustomDataIdentifier"),
    ("POST", "/managed-data-identifiers/list", "ListManagedDataIdentifiers"),
    ("POST", "/jobs", "CreateClassificationJob"),
    ("POST", "/jobs/list", "ListClassificationJobs"),
    ("GET", "/jobs/{jobId}", "DescribeClassificationJob"),
    ("PATCH", "/jobs/{jobId}", "UpdateClassificationJob"),
    ("POST", "/findings", "ListFindings"),
    ("POST", "/findings/describe", "GetFindings"),
    ("GET", "/classification-export-configuration", "GetClassificationExportConfiguration"),
    ("PUT", "/classification-export-configuration", "PutClassificationExportConfiguration"),
    ("GET", "/automated-discovery/configuration", "GetAutomatedDiscoveryConfiguration"),
    ("PUT", "/automated-discovery/configuration", "UpdateAutomatedDiscoveryConfiguration"),
    ("GET", "/tags/{resourceArn}", "ListTagsForResource"),
    ("POST", "/tags/{resourceArn}", "TagResource"),
    ("DELETE", "/tags/{resourceArn}", "UntagResource"),
]
ROUTES = [(method, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path) + "$"), name) for method, path, name in ROUTES]

STATUS = {
    "ValidationException": 400,
    "ServiceQuotaExceededException": 402,
    "AccessDeniedException": 403,
    "InvalidSignatureException": 403,
    "MissingAuthenticationTokenException": 403,
    "ResourceNotFoundException": 404,
    "UnknownOperationException": 404,
    "ConflictException": 409,
    "ThrottlingException": 429,
    "InternalServerException": 500,
}


class Refused(Exception):
    """An error as Macie answers it."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, STATUS.get(code, 500)


class Lost(Exception):
    """The answer does not arrive: the connection is closed instead."""


def invalid(message):
    return Refused("ValidationException", message)


def missing():
    return Refused("ResourceNotFoundException", "The request failed because the specified resource wasn't found.")


class Call:
    """One request: the caller's account and region, the operation, and its parameters from path, query and body."""

    def __init__(self, method, target, headers, body):
        self.method, parts = method, urlsplit(target)
        self.path, query = parts.path, parse_qs(parts.query, keep_blank_values=True)
        scope = SCOPE.search(headers.get("Authorization") or "")
        if not scope:
            raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
        key, self.region, service = scope.groups()
        if service != "macie2":
            raise Refused("InvalidSignatureException", "Credential should be scoped to correct service: 'macie2'.")
        # As ministack has it: an access key of twelve digits is the account, any other belongs to account zero.
        self.account = key if re.fullmatch(r"\d{12}", key) else "0" * 12
        self.operation, self.params = self.route()
        if body:
            self.params |= parsed(body)
        self.params |= {name: values for name, values in query.items() if name == "tagKeys"}

    def route(self):
        for method, pattern, name in ROUTES:
            found = pattern.match(self.path) if method == self.method else None
            if found:
                return name, {key: unquote(value) for key, value in found.groupdict().items()}
        raise Refused("UnknownOperationException", f"the stand-in does not serve {self.method} {self.path}")


def parsed(body):
    try:
        params = json.loads(body)
    except ValueError as error:
        raise invalid(f"The request failed because it contains a syntax error: {error}") from error
    if not isinstance(params, dict):
        raise invalid("The request failed because it contains a syntax error: not an object")
    return params


def timestamp(seconds=None):
    seconds = time.time() if seconds is None else seconds
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03}Z"


def page(items, params, most, bound=None):
    """One page of a list and the token of the next. `bound` makes pages smaller than anybody asks for."""
    asked = params.get("maxResults") or most
    if not 1 <= asked <= most:
        raise invalid(f"maxResults must be from 1 to {most}")
    token = params.get("nextToken")
    if token is not None and not re.fullmatch(r"page-\d+", token):
        raise invalid("The request failed because the nextToken is not valid.")
    start = int(token[5:]) if token else 0
    end = start + min(asked, bound or asked)
    return items[start:end], f"page-{end}" if end < len(items) else None


def tags(params):
    """The tags of a request, judged."""
    given = params.get("tags") or {}
    wrong = [key for key, value in given.items() if not 1 <= len(key) <= 128 or len(value) > 256 or key.lower().startswith("aws:")]
    if wrong or len(given) > 50:
        raise invalid(f"The request failed because the tags are not valid: {wrong or len(given)}")
    return given
