#!/usr/bin/env python3
"""The filled definitions as a CloudFormation template on standard output, for cfn-lint: it knows the grammar of policies,
of patterns and of state machines, and how names, settings and regions go together. A file that no resource here has is an
error, so that a new one is not forgotten.

    template.py FOLDER-OF-FILLED-DEFINITIONS > vault.template.json
"""
import json
import pathlib
import sys

FOLDER = pathlib.Path(sys.argv[1])
ACCOUNT, REGION, ID = "123456789012", "eu-west-1", "626fa970"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MACHINE = f"CyberVaultOrquestrator-{ID}"
LOGS = f"/aws/vendedlogs/states/{MACHINE}"


taken = set()


def filled(name):
    taken.add(name)
    return json.loads((FOLDER / f"{name}.json").read_text())


def joined(*names):
    """A policy with the statements of others behind its own."""
    first, *others = map(filled, names)
    return first | {"Statement": sum((other["Statement"] for other in others), first["Statement"])}


def arn(service, name):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def bucket(zone):
    return {
        "BucketName": f"cv-{zone}-zone-{ID}",
        "VersioningConfiguration": {"Status": "Enabled"},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": dict.fromkeys(["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True),
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [{
            "BucketKeyEnabled": True, "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}]},
        "LifecycleConfiguration": {"Rules": [{
            "Id": "cvault", "Status": "Enabled", "Prefix": "", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90}, "ExpiredObjectDeleteMarker": True}]},
        "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
    }


def role(name, *policies):
    return {"RoleName": f"cyber_vault-{name}-{ID}", "AssumeRolePolicyDocument": filled(f"{name}-trust"),
            "Policies": [{"PolicyName": "cvault", "PolicyDocument": joined(name, *policies)}]}


def rule(what):
    return {
        "Name": f"cyber_vault_{what}-{ID}", "EventPattern": filled(what), "State": "ENABLED",
        "Targets": [{"Id": "state-machine", "Arn": arn("states", f"stateMachine:{MACHINE}"),
                     "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/cyber_vault-trigger-{ID}",
                     "DeadLetterConfig": {"Arn": arn("sqs", f"cyber_vault_undelivered-{ID}")},
                     "RetryPolicy": {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}}],
    }


def machine(role="orchestrator", **definition):
    return {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/cyber_vault-{role}-{ID}", **definition,
            "LoggingConfiguration": {"Level": "ALL", "IncludeExecutionData": True, "Destinations": [
                {"CloudWatchLogsLogGroup": {"LogGroupArn": arn("logs", f"log-group:{LOGS}:*")}}]}}


def resources():
    yield "Key", "KMS::Key", {"EnableKeyRotation": True, "KeyPolicy": joined("key", "key-macie", "key-writers")}
    for zone, policies in {"ingress": ["bucket-ingress-writers"], "analytics": ["bucket-analytics-approvals"],
                           "vault": ["bucket-vault-settings", "bucket-vault-approvals"]}.items():
        yield f"Bucket{zone}", "S3::Bucket", bucket(zone)
        yield f"Policy{zone}", "S3::BucketPolicy", {"Bucket": f"cv-{zone}-zone-{ID}", "PolicyDocument": joined(f"bucket-{zone}", *policies)}
    yield "PolicyClosed", "S3::BucketPolicy", {"Bucket": f"cv-closed-zone-{ID}", "PolicyDocument": filled("bucket-closed")}
    for what in ("ingress", "vault", "failures"):
        yield f"Rule{what}", "Events::Rule", rule(what)
    yield "Classifier", "IAM::Role", role("classifier", "classifier-macie", "classifier-macie-results", "classifier-vpc", "classifier-sources", "classifier-keys")
    yield "Orchestrator", "IAM::Role", role("orchestrator", "orchestrator-macie")
    yield "Sweeper", "IAM::Role", role("sweeper")
    yield "Trigger", "IAM::Role", role("trigger")
    yield "Topic", "SNS::Topic", {"TopicName": f"cyber_vault_notification-{ID}"}
    yield "TopicPolicy", "SNS::TopicPolicy", {"Topics": [{"Ref": "Topic"}], "PolicyDocument": filled("topic")}
    yield "Queue", "SQS::Queue", {"QueueName": f"cyber_vault_undelivered-{ID}", "SqsManagedSseEnabled": True, "MessageRetentionPeriod": 1209600}
    yield "QueuePolicy", "SQS::QueuePolicy", {"Queues": [{"Ref": "Queue"}], "PolicyDocument": filled("dead-letters")}
    yield "Notices", "SQS::Queue", {"QueueName": f"cyber_vault_notices-{ID}", "SqsManagedSseEnabled": True, "MessageRetentionPeriod": 1209600, "VisibilityTimeout": 1200}
    yield "NoticesPolicy", "SQS::QueuePolicy", {"Queues": [{"Ref": "Notices"}], "PolicyDocument": filled("notices")}
    yield "Mapping", "Lambda::EventSourceMapping", {
        "EventSourceArn": arn("sqs", f"cyber_vault_notices-{ID}"), "FunctionName": f"cyber_vault-{ID}", "BatchSize": 1000,
        "MaximumBatchingWindowInSeconds": 30, "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    yield "MacieQueue", "SQS::Queue", {"QueueName": f"cyber_vault_macie-{ID}", "SqsManagedSseEnabled": True, "MessageRetentionPeriod": 1209600, "VisibilityTimeout": 1200}
    yield "MacieQueuePolicy", "SQS::QueuePolicy", {"Queues": [{"Ref": "MacieQueue"}], "PolicyDocument": filled("macie-queue")}
    yield "MacieMapping", "Lambda::EventSourceMapping", {
        "EventSourceArn": arn("sqs", f"cyber_vault_macie-{ID}"), "FunctionName": f"cyber_vault-{ID}", "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 60, "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    yield "VerifyQueue", "SQS::Queue", {"QueueName": f"cyber_vault_verify-{ID}-0", "SqsManagedSseEnabled": True, "MessageRetentionPeriod": 3600}
    yield "VerifyQueuePolicy", "SQS::QueuePolicy", {"Queues": [{"Ref": "VerifyQueue"}], "PolicyDocument": filled("verify-queue")}
    yield "Logs", "Logs::LogGroup", {"LogGroupName": LOGS, "RetentionInDays": 90, "KmsKeyId": KEY}
    yield "Function", "Lambda::Function", {
        "FunctionName": f"cyber_vault-{ID}", "Runtime": "provided.al2023", "Handler": "bootstrap", "MemorySize": 1024, "Timeout": 900,
        "Role": f"arn:aws:iam::{ACCOUNT}:role/cyber_vault-classifier-{ID}", "Code": {"S3Bucket": "packages", "S3Key": "bootstrap.zip"},
        "LoggingConfig": {"LogGroup": f"/aws/lambda/cyber_vault-{ID}"}}
    # As text, which is what AWS gets, and as an object, which is what is looked into.
    yield "MachineAsText", "StepFunctions::StateMachine", machine(DefinitionString=json.dumps(filled("state-machine")))
    yield "Machine", "StepFunctions::StateMachine", machine(Definition=filled("state-machine"))
    yield "Express", "StepFunctions::StateMachine", machine(
        Definition=filled("express"), StateMachineName=f"CyberVaultOrquestratorExpress-{ID}", StateMachineType="EXPRESS")
    yield "MacieJob", "StepFunctions::StateMachine", machine(Definition=filled("macie-job"), StateMachineName=f"CyberVaultMacieJob-{ID}")
    yield "Sweep", "StepFunctions::StateMachine", machine("sweeper", Definition=filled("sweep"), StateMachineName=f"CyberVaultSweep-{ID}")
    yield "Dashboard", "CloudWatch::Dashboard", {"DashboardName": f"cyber_vault-{ID}", "DashboardBody": json.dumps(filled("dashboard"))}
    # What `cvault policy` prints, one for each of its commands.
    for path in sorted(FOLDER.glob("deployer*.json")):
        name = path.stem.title().replace("-", "")
        yield name, "IAM::ManagedPolicy", {"PolicyDocument": filled(path.stem)}


template = {name: {"Type": f"AWS::{kind}", "Properties": properties} for name, kind, properties in resources()}
forgotten = {path.stem for path in FOLDER.iterdir()} - taken
if forgotten or not any(name.startswith("deployer") for name in taken):
    sys.exit(f"no resource of the template has {', '.join(sorted(forgotten)) or 'a policy of the deployer'}: add one")
json.dump({"AWSTemplateFormatVersion": "2010-09-09", "Resources": template}, sys.stdout, indent=1)
