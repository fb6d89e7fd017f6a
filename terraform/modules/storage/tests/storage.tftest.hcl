mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias  = "applying" # overrides during a plan must not be in an apply
  source = "../../tests/mocks"
}

variables {
  bucket      = "user-0a1b2c3d4e5f-bucket"
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "nothing_is_public" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All four public access blocks must be on."
  }
  assert {
    condition     = one(aws_s3_bucket_ownership_controls.this.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "ACLs must be off."
  }
}

run "objects_are_encrypted_and_versioned" {
  command = plan

  assert {
    condition = alltrue([
      one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms",
      one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b",
      one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled,
    ])
    error_message = "Objects must be encrypted with the given key."
  }
  assert {
    condition     = one(aws_s3_bucket_versioning.this.versioning_configuration).status == "Enabled"
    error_message = "The bucket must have versioning: Airflow requires it."
  }
}

run "landed_objects_stay" {
  command = plan

  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : "${one(rule.filter).prefix} ${one(rule.expiration).days}" if length(rule.expiration) > 0
    ] == ["logs/ 30"]
    error_message = "Only logs may expire: the sink and the batch resume from the existing objects."
  }
  assert {
    condition     = flatten([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [for transition in rule.transition : "${transition.days} ${transition.storage_class}"]]) == ["90 STANDARD_IA"]
    error_message = "Only they must move to STANDARD_IA, after 90 days."
  }
  assert {
    condition = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : [
      one(rule.noncurrent_version_expiration).noncurrent_days, one(rule.abort_incomplete_multipart_upload).days_after_initiation,
    ] if rule.id == "old-versions-and-unfinished-uploads"] == [[30, 7]]
    error_message = "Old versions must be deleted after 30 days, unfinished uploads after 7."
  }
}

run "the_rules_follow_the_prefixes" {
  command = plan

  variables {
    topics_prefix = "landing/events"
    logs_prefix   = "said"
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : one(rule.filter).prefix if rule.id == "landed-events-to-cheaper-storage"] == ["landing/events/"]
    error_message = "The rule must have the given prefix."
  }
  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : one(rule.filter).prefix if rule.id == "logs-go"] == ["said/"]
    error_message = "The rule for logs must have the given prefix."
  }
}

run "a_bucket_that_is_not_disposable_keeps_its_objects" {
  command = plan

  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "Terraform must refuse to destroy a bucket with objects in it."
  }
}

run "a_disposable_bucket_is_deleted_with_its_objects" {
  command = plan

  variables {
    disposable = true
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy
    error_message = "Destroying an offline estate must need no preparation."
  }
}

run "capitals_are_refused" {
  command = plan

  variables {
    bucket = "User-0a1b-bucket"
  }

  expect_failures = [var.bucket]
}

run "dots_are_refused" {
  command = plan

  variables {
    bucket = "user.0a1b.bucket"
  }

  expect_failures = [var.bucket]
}

run "two_characters_are_refused" {
  command = plan

  variables {
    bucket = "ab"
  }

  expect_failures = [var.bucket]
}

run "only_tls_is_allowed" {
  command = apply

  providers = {
    aws = aws.applying
  }

  assert {
    condition = jsonencode(data.aws_iam_policy_document.tls_only.statement) == jsonencode([{
      sid            = "DenyInsecureTransport"
      effect         = "Deny"
      actions        = ["s3:*"]
      not_actions    = null
      resources      = ["arn:aws:s3:::mock", "arn:aws:s3:::mock/*"]
      not_resources  = null
      principals     = [{ type = "*", identifiers = ["*"] }]
      not_principals = []
      condition      = [{ test = "Bool", variable = "aws:SecureTransport", values = ["false"] }]
    }])
    error_message = "All requests without TLS must be denied."
  }
  assert {
    condition     = aws_s3_bucket_policy.tls_only.policy == data.aws_iam_policy_document.tls_only.json
    error_message = "The bucket must have that policy."
  }
}
