# The bucket of the pipeline: landed events, Delta tables, reports, DAGs, and artifacts.

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:One region: Kafka still has the landed records, and the tables can be rebuilt
  #checkov:skip=CKV_AWS_18:Access logs need a second bucket; CloudTrail's data events are an alternative
  #checkov:skip=CKV2_AWS_62:Nothing uses notifications: the batch is scheduled
  bucket        = var.bucket
  force_destroy = var.disposable
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = "Enabled" # Airflow requires it
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket     = aws_s3_bucket.this.id
  depends_on = [aws_s3_bucket_versioning.this]

  # Landed objects never expire: the sink and the batch resume from the existing ones.
  rule {
    id     = "landed-events-to-cheaper-storage"
    status = "Enabled"
    filter {
      prefix = "${var.topics_prefix}/"
    }
    transition {
      days          = 90
      storage_class = "STANDARD_IA"
    }
  }
  rule {
    id     = "logs-go"
    status = "Enabled"
    filter {
      prefix = "${var.logs_prefix}/"
    }
    expiration {
      days = 30
    }
  }
  rule {
    id     = "old-versions-and-unfinished-uploads"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

data "aws_iam_policy_document" "tls_only" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "tls_only" {
  bucket     = aws_s3_bucket.this.id
  policy     = data.aws_iam_policy_document.tls_only.json
  depends_on = [aws_s3_bucket_public_access_block.this]
}
