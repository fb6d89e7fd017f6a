# Airflow reads its DAGs, looks for new objects, runs the Spark jobs (run_jobs.tf), and publishes alarms.

data "aws_iam_policy_document" "airflow" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:GetBucketPublicAccessBlock", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:ListBucket", "s3:ListBucketVersions"]
    resources = [var.bucket_arn]
  }
  statement {
    sid       = "AccountBlocksThePublic" # supports no resource
    actions   = ["s3:GetAccountPublicAccessBlock"]
    resources = ["*"]
  }
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${var.bucket_arn}/*"]
  }
  statement {
    sid       = "Health"
    actions   = ["airflow:PublishMetrics"]
    resources = ["${local.arn}:airflow:${local.region}:${local.account}:environment/${var.airflow_name}"]
  }
  statement {
    sid = "Logs"
    actions = [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:GetLogEvents",
      "logs:GetLogGroupFields",
      "logs:GetLogRecord",
      "logs:GetQueryResults",
      "logs:PutLogEvents",
    ]
    resources = ["${local.arn}:logs:${local.region}:${local.account}:log-group:airflow-${var.airflow_name}-*"]
  }
  statement {
    sid       = "LogGroups" # supports no narrower resource
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }
  statement {
    sid       = "Metrics" # supports no resource, only a namespace
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["AmazonMWAA"]
    }
  }
  statement {
    sid = "Queue" # in an AWS account of Amazon MWAA
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ]
    resources = ["${local.arn}:sqs:${local.region}:*:airflow-celery-*"]
  }
  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"]
    resources = [var.kms_key_arn]
  }
  statement {
    sid       = "Alarm"
    actions   = ["sns:Publish"]
    resources = [var.alarm_topic_arn]
  }
  dynamic "statement" {
    for_each = var.connections_prefix == null ? [] : [var.connections_prefix]
    content {
      sid       = "Connections" # all: Airflow must get "not found" for a connection without a secret
      actions   = ["secretsmanager:GetSecretValue"]
      resources = ["${local.arn}:secretsmanager:${local.region}:${local.account}:secret:${statement.value}/*"]
    }
  }
}

resource "aws_iam_role" "airflow" {
  name               = "${var.user_id}-airflow-role"
  description        = "Airflow of ${var.user_id}"
  assume_role_policy = data.aws_iam_policy_document.trust["airflow"].json
}

resource "aws_iam_role_policy" "airflow" {
  name   = "orchestrate"
  role   = aws_iam_role.airflow.id
  policy = data.aws_iam_policy_document.airflow.json
}

resource "aws_iam_role_policy_attachment" "airflow_run_jobs" {
  role       = aws_iam_role.airflow.name
  policy_arn = aws_iam_policy.run_jobs.arn
}
