"""Whether values are what a shape of a service model takes: members, types, lengths, ranges, patterns, enums; and
what a model does not say, namely the documents and tags inside."""
import base64
import functools
import json
import re

# (operation, member): the largest size in bytes. Of roles' policies blanks do not count.
POLICIES = {
    ("PutBucketPolicy", "Policy"): 20480, ("CreateKey", "Policy"): 32768, ("PutKeyPolicy", "Policy"): 32768,
    ("CreateRole", "AssumeRolePolicyDocument"): 2048, ("UpdateAssumeRolePolicy", "PolicyDocument"): 2048,
    ("PutRolePolicy", "PolicyDocument"): 10240,
}
NUMBERS = ("integer", "long", "float", "double")


def check(model, shape, value, path, problems, ref=None):
    definition = model["shapes"][shape]
    kind = definition["type"]
    if ref and ref.get("deprecated"):
        problems.append(f"{path} is deprecated")
    types = {"structure": dict, "map": dict, "list": list, "string": str, "boolean": bool}
    if kind in types and not isinstance(value, types[kind]) or kind in NUMBERS and type(value) not in (int, float):
        problems.append(f"{path}: {str(value)[:80]!r} is no {kind}")
    elif kind == "structure":
        structure(model, definition, value, path, problems)
    elif kind == "boolean" or kind == "timestamp":
        pass
    else:
        size = value if kind in NUMBERS else len(base64.b64decode(value)) if kind == "blob" and isinstance(value, str) else len(value)
        if kind == "list":
            for number, item in enumerate(value):
                check(model, definition["member"]["shape"], item, f"{path}[{number}]", problems)
        elif kind == "map":
            for key, item in value.items():
                check(model, definition["key"]["shape"], key, f"{path}.<{key}>", problems)
                check(model, definition["value"]["shape"], item, f"{path}.{key}", problems)
        elif kind == "string":
            text(definition, shape, value, path, problems)
        if not definition.get("min", size) <= size <= definition.get("max", size):
            problems.append(f"{path}: {size} is not between {definition.get('min')} and {definition.get('max')}")


def structure(model, definition, value, path, problems):
    members, present = definition["members"], set()
    names = {ref.get("locationName", name) if "location" not in ref else name: name for name, ref in members.items()}
    for name, item in value.items():
        member = name if name in members else names.get(name)
        if member is None:
            problems.append(f"{path}: unknown member {name}")
            continue
        present.add(member)
        if item is not None:
            check(model, members[member]["shape"], item, f"{path}.{member}", problems, members[member])
    problems += [f"{path}: {name} is missing" for name in definition.get("required", []) if name not in present]
    if definition.get("union") and len(present) != 1:
        problems.append(f"{path}: a union with {len(present)} members")


def text(definition, shape, value, path, problems):
    if "enum" in definition and value not in definition["enum"]:
        problems.append(f"{path}: {value!r} is none of the values of {shape}")
    found = compiled(definition["pattern"]) if "pattern" in definition else None
    if found and not found.fullmatch(value):
        problems.append(f"{path}: {value[:120]!r} does not match {definition['pattern']}")


@functools.cache
def compiled(pattern):
    """Python knows no \\p{..}: letters, digits and blanks stand for the classes that AWS uses."""
    for name, stands in {"L": "a-zA-Z\u00c0-\uffff", "Z": " ", "N": "0-9", "M": "", "S": "+=<>|~^`$", "P": "!-/:-@\\[-`{-~"}.items():
        pattern = pattern.replace(f"\\p{{{name}}}", stands)
    try:
        return re.compile(pattern)
    except re.error:
        return None


def documents(operation, parameters, problems):
    for (of, member), most in POLICIES.items():
        if of == operation and member in parameters:
            policy(operation, parameters[member], most, problems)
    for name in ("Tags", "tags"):
        tags(parameters.get(name) or [], problems)


def policy(operation, document, most, problems):
    try:
        policy = json.loads(document)
    except ValueError as error:
        problems.append(f"the policy is no JSON: {error}")
        return
    size = len(re.sub(r"\s", "", document)) if operation == "PutRolePolicy" else len(document.encode())
    if size > most:
        problems.append(f"the policy has {size} characters, more than {most}")
    if policy.get("Version") != "2012-10-17":
        problems.append(f"the policy has version {policy.get('Version')}")
    sids = [statement["Sid"] for statement in policy["Statement"] if "Sid" in statement]
    problems += [f"the policy has Sid {sid!r} twice" for sid in set(sids) if sids.count(sid) > 1]
    problems += [f"the policy has Sid {sid!r}" for sid in sids if not re.fullmatch("[A-Za-z0-9]*", sid)]


def tags(tags, problems):
    """The characters and beginnings that AWS takes everywhere."""
    first = lambda tag, *names: next((tag[name] for name in names if name in tag), "")  # noqa: E731
    pairs = tags.items() if isinstance(tags, dict) else [
        (first(tag, "Key", "TagKey", "key"), first(tag, "Value", "TagValue", "value")) for tag in tags]
    for key, value in pairs:
        if not all(re.fullmatch(r"[\w .:/=+\-@]*", text) for text in (key, value or "")):
            problems.append(f"tag {key!r} = {value!r} has characters that AWS refuses")
        if key.lower().startswith("aws:") or len(key) > 128 or len(value or "") > 256:
            problems.append(f"tag {key!r}")
