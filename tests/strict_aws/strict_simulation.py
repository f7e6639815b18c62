"""IAM's policy simulator, which emulators only have in part: it knows a principal by its whole ARN, path included, and
judges every action on every resource with the context that the request brings.
"""
import re
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, unquote

from strict_truths import TRUTHS, as_list, before, last, role_documents, statements
from strict_wire import Reply, as_json, error

TRUTHS |= {
    "iam-simulation": (0, False, "SimulatePrincipalPolicy: NoSuchEntity for a principal without its path; conditions count"),
}


async def user_documents(px, c, user):
    r = await px.side(c, "iam", "ListUserPolicies", {"UserName": user})
    own = [await px.side(c, "iam", "GetUserPolicy", {"UserName": user, "PolicyName": name}) for name in re.findall(r"<member>([^<]+)</member>", r.text)]
    return [as_json(unquote(r2.tag("PolicyDocument") or "").encode()) for r2 in own]


def listed(form, name):
    return [v for k, v in form if re.fullmatch(rf"{name}\.member\.\d+", k)]


def contexts(form):
    """Context keys, lower-case, with their values."""
    names = {k.rsplit(".", 1)[0]: v.lower() for k, v in form if k.endswith(".ContextKeyName")}
    return {key: [v for k, v in form if k.startswith(at + ".ContextKeyValues.")] for at, key in names.items()}


def like(pattern, text):
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def holds(condition, context):
    for operator, keys in (condition or {}).items():
        same = {"StringEquals": lambda w, v: w == v, "StringLike": like}.get(operator)
        if not same:
            return False
        for key, wanted in keys.items():
            if not any(same(w, v) for w in as_list(wanted) for v in context.get(key.lower(), [])):
                return False
    return True


def allows(docs, action, resource, context):
    fits = [s for d in docs for s in statements(d) if any(like(a.lower(), action.lower()) for a in as_list(s.get("Action")))
            and any(like(r, resource) for r in as_list(s.get("Resource"))) and holds(s.get("Condition"), context)]
    return any(s["Effect"] == "Allow" for s in fits) and not any(s["Effect"] == "Deny" for s in fits)


@before("iam-simulation", "iam:SimulatePrincipalPolicy")
async def simulate(px, c):
    form = parse_qsl(c.body.decode())
    arn = dict(form)["PolicySourceArn"]
    kind = "User" if ":user/" in arn else "Role"
    found = await px.side(c, "iam", "Get" + kind, {kind + "Name": last(arn)})
    if not found.ok or found.tag("Arn") != arn:
        return error(c, "NoSuchEntity", f"The {kind.lower()} with name {arn.split('/', 1)[1]} cannot be found.", 404)
    docs = await (user_documents if kind == "User" else role_documents)(px, c, last(arn))
    resources, context = listed(form, "ResourceArns") or ["*"], contexts(form)
    decided = "".join(
        f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>"
        f"<EvalDecision>{'allowed' if allows(docs, action, resource, context) else 'implicitDeny'}</EvalDecision></member>"
        for action in listed(form, "ActionNames") for resource in resources)
    px.truth_count["iam-simulation"] += 1
    body = ('<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>'
            f"<EvaluationResults>{decided}</EvaluationResults></SimulatePrincipalPolicyResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></SimulatePrincipalPolicyResponse>")
    return Reply(200, body.encode(), [("Content-Type", "text/xml")])
