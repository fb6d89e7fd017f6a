# Airflow reads its DAGs, starts the Spark jobs as their role, and looks for new objects.

data "aws_iam_policy_document" "airflow" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:GetBucketPublicAccessBlock", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:ListBucket", "s3:ListBucketVersions"]
    resources = [var.bucket_arn]
  }
  statement {
    sid       = "AccountBlocksThePublic" # knows no resource
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
    sid       = "LogGroups" # knows no narrower resource
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }
  statement {
    sid       = "Metrics" # knows no resource, but a namespace
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["AmazonMWAA"]
    }
  }
  statement {
    sid = "Queue" # in an account of AWS
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
    sid       = "StartJobs"
    actions   = ["emr-serverless:GetApplication", "emr-serverless:StartApplication", "emr-serverless:StartJobRun"]
    resources = [var.spark_application_arn]
  }
  statement {
    sid       = "FollowJobs"
    actions   = ["emr-serverless:CancelJobRun", "emr-serverless:GetDashboardForJobRun", "emr-serverless:GetJobRun"]
    resources = ["${var.spark_application_arn}/jobruns/*"]
  }
  statement {
    sid       = "JobsActAsTheirRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.spark.arn]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["emr-serverless.amazonaws.com"]
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
