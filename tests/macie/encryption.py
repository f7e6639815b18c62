"""Whether Macie may decrypt: its role has no right of KMS, so the key's own policy has to name it (truths M2)."""
import json

ROLE = "arn:aws:iam::{}:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie"
EQUAL = {"StringEquals", "StringLike", "ArnEquals", "ArnLike"}


def unreadable(emulator, key):
    """Why Macie skips an object that is encrypted with this key; None: it does not."""
    if not key:
        return None
    status, _, said = ask(emulator, "DescribeKey", {"KeyId": key})
    about = said.get("KeyMetadata") or {}
    if status != 200 or about["KeyState"] != "Enabled":
        return "INVALID_KMS_KEY"
    if about.get("KeyManager") == "AWS":
        return None
    _, _, said = ask(emulator, "GetKeyPolicy", {"KeyId": key, "PolicyName": "default"})
    statements = listed(json.loads(said["Policy"])["Statement"])
    return None if any(admits(statement, emulator.account) for statement in statements) else "INVALID_ENCRYPTION"


def ask(emulator, operation, params):
    headers = {"X-Amz-Target": f"TrentService.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    status, head, said = emulator.ask("kms", "POST", "/", json.dumps(params), headers)
    return status, head, json.loads(said)


def listed(value):
    return value if isinstance(value, list) else [value]


def admits(statement, account):
    """Whether a statement lets Macie's role decrypt. The account itself only lets its roles' policies decide."""
    role = ROLE.format(account)
    principal = statement.get("Principal")
    principals = listed(principal.get("AWS", []) if isinstance(principal, dict) else principal)
    if statement["Effect"] != "Allow" or not {"kms:Decrypt", "kms:*"} & set(listed(statement["Action"])) or not {"*", role} & set(principals):
        return False
    context = {"aws:principalarn": role, "kms:calleraccount": account}
    return all(
        operator in EQUAL and context.get(name.lower()) in listed(wanted)
        for operator, block in (statement.get("Condition") or {}).items()
        for name, wanted in block.items()
    )
