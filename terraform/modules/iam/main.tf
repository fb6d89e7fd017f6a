# One role per component, with only the permissions that it needs. This file has what the policies share.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name
  arn     = "arn:${data.aws_partition.current.partition}"
  kafka   = "${local.arn}:kafka:${local.region}:${local.account}"

  cluster           = "${local.kafka}:cluster/${var.cluster_name}/*"
  event_topics      = [for topic in var.topics : "${local.kafka}:topic/${var.cluster_name}/*/${topic}"]
  dead_letter_topic = "${local.kafka}:topic/${var.cluster_name}/*/${var.dead_letter_topic}"
  groups            = "${local.kafka}:group/${var.cluster_name}/*"

  # The services that assume the roles. A condition prevents other accounts from making them do so.
  trusted = {
    airflow       = ["airflow.amazonaws.com", "airflow-env.amazonaws.com"]
    apigateway    = ["apigateway.amazonaws.com"]
    ec2           = ["ec2.amazonaws.com"]
    ecs           = ["ecs-tasks.amazonaws.com"]
    kafkaconnect  = ["kafkaconnect.amazonaws.com"]
    emrserverless = ["emr-serverless.amazonaws.com"]
  }
  with_source_account = ["ecs", "kafkaconnect", "emrserverless"]
}

data "aws_iam_policy_document" "trust" {
  for_each = local.trusted
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = each.value
    }
    dynamic "condition" {
      for_each = contains(local.with_source_account, each.key) ? [local.account] : []
      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}
