# To run the Spark jobs, for Airflow or a user: start them with their role, follow them, read their logs and report.

data "aws_iam_policy_document" "run_jobs" {
  statement {
    sid       = "StartJobs"
    actions   = ["emr-serverless:GetApplication", "emr-serverless:ListJobRuns", "emr-serverless:StartApplication", "emr-serverless:StartJobRun"]
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
  statement {
    sid       = "Results"
    actions   = ["s3:GetObject"]
    resources = [for prefix in var.result_prefixes : "${var.bucket_arn}/${prefix}/*"]
  }
  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_policy" "run_jobs" {
  name        = "${var.user_id}-run-jobs"
  description = "Run the Spark jobs of ${var.user_id}"
  policy      = data.aws_iam_policy_document.run_jobs.json
}
