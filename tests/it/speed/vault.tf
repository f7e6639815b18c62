# The stack that `cvault up` makes, as one writes it for Terraform: the same names, settings and documents. `mod.rs` says how it
# is run. Alarms and dashboard are left out of both: the emulator answers this provider with half of an alarm, so that each
# plan would change all of them.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "endpoint" { type = string }
variable "documents" { type = string }
variable "package" { type = string }
variable "email" { type = string }
variable "account" { type = string }
variable "region" { type = string }
variable "stack" { type = string }
variable "id" { type = string }

provider "aws" {
  region                      = local.region
  access_key                  = local.account
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {
    events = var.endpoint
    iam    = var.endpoint
    kms    = var.endpoint
    lambda = var.endpoint
    logs   = var.endpoint
    s3     = var.endpoint
    sfn    = var.endpoint
    sns    = var.endpoint
    sqs    = var.endpoint
    sts    = var.endpoint
  }

  default_tags {
    tags = { "cvault:stack" = var.stack, "cvault:id" = local.id }
  }
}

locals {
  account = var.account
  region  = var.region
  id      = var.id
  zones   = toset(["ingress", "analytics", "vault"])
  roles   = toset(["classifier", "orchestrator", "sweeper", "trigger"])
  queues  = { undelivered = ["dead-letters", 30], notices = ["notices", 1200] }
  groups  = toset(["/aws/lambda/cyber_vault-${local.id}", "/aws/vendedlogs/states/CyberVaultOrquestrator-${local.id}", "/aws/vendedlogs/states/CyberVaultSweep-${local.id}"])
  armed   = { ingress = aws_sfn_state_machine.express.arn, vault = aws_sfn_state_machine.express.arn, failures = aws_sfn_state_machine.orchestrator.arn }
  # Documents with the key's ARN in them.
  keyed = { for role in local.roles : role => replace(file("${var.documents}/${role}.json"), "KEY_ARN", aws_kms_key.vault.arn) }
}

resource "aws_kms_key" "vault" {
  description             = "cvault, stack ${var.stack}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = file("${var.documents}/key.json")
}

resource "aws_kms_alias" "vault" {
  name          = "alias/cyber-vault-${local.id}"
  target_key_id = aws_kms_key.vault.key_id
}

resource "aws_iam_role" "all" {
  for_each           = local.roles
  name               = "cyber_vault-${each.key}-${local.id}"
  assume_role_policy = file("${var.documents}/${each.key}-trust.json")
}

resource "aws_iam_role_policy" "all" {
  for_each = local.roles
  name     = "cvault"
  role     = aws_iam_role.all[each.key].id
  policy   = local.keyed[each.key]
}

resource "aws_s3_bucket" "all" {
  for_each      = local.zones
  bucket        = "cv-${each.key}-zone-${local.id}"
  force_destroy = true
}

resource "aws_s3_bucket_ownership_controls" "all" {
  for_each = local.zones
  bucket   = aws_s3_bucket.all[each.key].id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each                = local.zones
  bucket                  = aws_s3_bucket.all[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "all" {
  for_each = local.zones
  bucket   = aws_s3_bucket.all[each.key].id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.vault.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "all" {
  for_each = local.zones
  bucket   = aws_s3_bucket.all[each.key].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "all" {
  for_each   = local.zones
  bucket     = aws_s3_bucket.all[each.key].id
  depends_on = [aws_s3_bucket_versioning.all]
  rule {
    id     = "cvault"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
    expiration {
      expired_object_delete_marker = true
    }
    dynamic "noncurrent_version_expiration" {
      for_each = each.key == "ingress" ? [] : [90]
      content {
        noncurrent_days = noncurrent_version_expiration.value
      }
    }
  }
}

resource "aws_s3_bucket_policy" "all" {
  for_each   = local.zones
  bucket     = aws_s3_bucket.all[each.key].id
  policy     = file("${var.documents}/bucket-${each.key}.json")
  depends_on = [aws_s3_bucket_public_access_block.all]
}

resource "aws_s3_bucket_notification" "all" {
  for_each    = toset(["ingress", "vault"])
  bucket      = aws_s3_bucket.all[each.key].id
  eventbridge = true
}

resource "aws_sns_topic" "held" {
  name              = "cyber_vault_notification-${local.id}"
  kms_master_key_id = aws_kms_key.vault.arn
}

resource "aws_sns_topic_policy" "held" {
  arn    = aws_sns_topic.held.arn
  policy = file("${var.documents}/topic.json")
}

resource "aws_sns_topic_subscription" "held" {
  topic_arn = aws_sns_topic.held.arn
  protocol  = "email"
  endpoint  = var.email
}

resource "aws_sqs_queue" "all" {
  for_each                   = local.queues
  name                       = "cyber_vault_${each.key}-${local.id}"
  sqs_managed_sse_enabled    = true
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = each.value[1]
}

resource "aws_sqs_queue_policy" "all" {
  for_each  = local.queues
  queue_url = aws_sqs_queue.all[each.key].id
  policy    = file("${var.documents}/${each.value[0]}.json")
}

resource "aws_cloudwatch_log_group" "all" {
  for_each          = local.groups
  name              = each.key
  kms_key_id        = aws_kms_key.vault.arn
  retention_in_days = 90
}

resource "aws_lambda_function" "classifier" {
  function_name    = "cyber_vault-${local.id}"
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = ["x86_64"]
  memory_size      = 1024
  timeout          = 900
  role             = aws_iam_role.all["classifier"].arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  environment {
    variables = {
      analytics_bucket = "cv-analytics-zone-${local.id}"
      ingress_bucket   = "cv-ingress-zone-${local.id}"
      vault_bucket     = "cv-vault-zone-${local.id}"
      topic_arn        = aws_sns_topic.held.arn
    }
  }
  depends_on = [aws_cloudwatch_log_group.all, aws_iam_role_policy.all]
}

resource "aws_lambda_event_source_mapping" "notices" {
  event_source_arn                   = aws_sqs_queue.all["notices"].arn
  function_name                      = aws_lambda_function.classifier.arn
  batch_size                         = 1000
  maximum_batching_window_in_seconds = 30
  function_response_types            = ["ReportBatchItemFailures"]
  scaling_config {
    maximum_concurrency = 2
  }
}

resource "aws_sfn_state_machine" "orchestrator" {
  name       = "CyberVaultOrquestrator-${local.id}"
  role_arn   = aws_iam_role.all["orchestrator"].arn
  definition = file("${var.documents}/state-machine.json")
  logging_configuration {
    level                  = "ALL"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.all["/aws/vendedlogs/states/CyberVaultOrquestrator-${local.id}"].arn}:*"
  }
  depends_on = [aws_iam_role_policy.all]
}

resource "aws_sfn_state_machine" "express" {
  name       = "CyberVaultOrquestratorExpress-${local.id}"
  type       = "EXPRESS"
  role_arn   = aws_iam_role.all["orchestrator"].arn
  definition = file("${var.documents}/express.json")
  logging_configuration {
    level                  = "ALL"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.all["/aws/vendedlogs/states/CyberVaultOrquestrator-${local.id}"].arn}:*"
  }
  depends_on = [aws_iam_role_policy.all]
}

resource "aws_sfn_state_machine" "sweep" {
  name       = "CyberVaultSweep-${local.id}"
  role_arn   = aws_iam_role.all["sweeper"].arn
  definition = file("${var.documents}/sweep.json")
  logging_configuration {
    level                  = "ALL"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.all["/aws/vendedlogs/states/CyberVaultSweep-${local.id}"].arn}:*"
  }
  depends_on = [aws_iam_role_policy.all]
}

resource "aws_cloudwatch_event_rule" "created" {
  for_each      = local.armed
  name          = "cyber_vault_${each.key}-${local.id}"
  event_pattern = file("${var.documents}/${each.key}.json")
}

resource "aws_cloudwatch_event_target" "created" {
  for_each  = local.armed
  rule      = aws_cloudwatch_event_rule.created[each.key].name
  target_id = "state-machine"
  arn       = each.value
  role_arn  = aws_iam_role.all["trigger"].arn
  dead_letter_config {
    arn = aws_sqs_queue.all["undelivered"].arn
  }
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }
}

resource "aws_cloudwatch_event_rule" "sweep" {
  name                = "cyber_vault_sweep-${local.id}"
  schedule_expression = "rate(60 minutes)"
}

resource "aws_cloudwatch_event_target" "sweep" {
  rule      = aws_cloudwatch_event_rule.sweep.name
  target_id = "state-machine"
  arn       = aws_sfn_state_machine.sweep.arn
  input     = "{}"
  role_arn  = aws_iam_role.all["trigger"].arn
}
