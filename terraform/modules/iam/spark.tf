# The Spark jobs read landed objects and the streams, and write tables, progress and reports.

data "aws_iam_policy_document" "spark" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [var.bucket_arn]
  }
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arn}/*"]
  }
  statement {
    sid       = "Write"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = [for prefix in var.spark_prefixes : "${var.bucket_arn}/${prefix}/*"]
  }
  statement {
    sid = "Streams"
    actions = [
      "kinesis:DescribeStreamSummary",
      "kinesis:GetRecords",
      "kinesis:GetShardIterator",
      "kinesis:ListShards",
    ]
    resources = var.stream_arns
  }
  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_role" "spark" {
  name               = "${var.user_id}-spark-role"
  description        = "The Spark jobs of ${var.user_id}"
  assume_role_policy = data.aws_iam_policy_document.trust["emrserverless"].json
}

resource "aws_iam_role_policy" "spark" {
  name   = "jobs"
  role   = aws_iam_role.spark.id
  policy = data.aws_iam_policy_document.spark.json
}
