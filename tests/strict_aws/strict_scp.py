"""The service control policies that organizations have: each denies a creating call that does not keep a rule.

All optional. The tag that is demanded is CostCenter, the boundary any that is named "boundary".
"""
import json

from strict_truths import TRUTHS, after, before
from strict_wire import error

TRUTHS |= {
    "scp-tags": (0, True, "what is made without the tag CostCenter is denied"),
    "scp-boundary": (0, True, "a role that is made without a permissions boundary is denied"),
    "scp-vpc": (0, True, "a function outside a VPC is denied"),
    "scp-code-signing": (0, True, "a function that is made without a code signing configuration is denied"),
    "scp-bucket-settings": (0, True, "whoever touches the public-access block or the ownership of a bucket is denied"),
}


def denied(px, truth, c, action):
    px.truth_count[truth] += 1
    code = "AccessDeniedException" if c.proto in ("json", "rest-json", "cbor") else "AccessDenied"
    who = "arn:aws:sts::123456789012:assumed-role/deployer/run"
    return error(c, code, f"User: {who} is not authorized to perform: {action} with an explicit deny in a service control policy", 403)


@before("scp-tags", "s3:CreateBucket kms:CreateKey iam:CreateRole sns:CreateTopic sqs:CreateQueue lambda:CreateFunction lambda:CreateEventSourceMapping macie2:CreateCustomDataIdentifier logs:CreateLogGroup states:CreateStateMachine monitoring:PutMetricAlarm monitoring:PutDashboard")
async def untagged(px, c):
    if b"CostCenter" not in c.body:
        return denied(px, "scp-tags", c, f"{c.service.replace('monitoring', 'cloudwatch')}:{c.op}")


@before("scp-tags", "events:PutRule")
async def untagged_rule(px, c):
    # What is there already cannot be tagged by this call.
    if b"CostCenter" not in c.body and not (await px.side(c, "events", "DescribeRule", {"Name": c.params["Name"]})).ok:
        return denied(px, "scp-tags", c, "events:PutRule")


@before("scp-boundary", "iam:CreateRole")
async def unbound(px, c):
    if "policy/boundary" not in (c.params.get("PermissionsBoundary") or ""):
        return denied(px, "scp-boundary", c, "iam:CreateRole")


@before("scp-vpc", "lambda:CreateFunction")
async def outside(px, c):
    if not (c.params.get("VpcConfig") or {}).get("SubnetIds"):
        return denied(px, "scp-vpc", c, "lambda:CreateFunction")


@before("scp-code-signing", "lambda:CreateFunction")
async def unsigned(px, c):
    if not c.params.get("CodeSigningConfigArn"):
        return denied(px, "scp-code-signing", c, "lambda:CreateFunction")


@after("scp-code-signing", "lambda:CreateFunction")
async def signed(px, c, r):
    """The emulator takes it in a call of its own only."""
    if r.ok:
        heads = [(k, v) for k, v in c.heads if k.lower() != "content-length"]
        body = json.dumps({"CodeSigningConfigArn": c.params["CodeSigningConfigArn"]}).encode()
        await px.ask("PUT", f"PUT /2020-06-30/functions/{c.params['FunctionName']}/code-signing-config HTTP/1.1", heads, body)


@before("scp-bucket-settings", "s3:PutPublicAccessBlock s3:PutBucketOwnershipControls")
async def touched(px, c):
    return denied(px, "scp-bucket-settings", c, f"s3:{c.op.replace('PutPublic', 'PutBucketPublic')}")
