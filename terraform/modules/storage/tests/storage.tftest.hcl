mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
}

variables {
  bucket = "user-0a1b2c3d4e5f-bucket"
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
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Objects must be encrypted."
  }
  assert {
    condition     = one(aws_s3_bucket_versioning.this.versioning_configuration).status == "Enabled"
    error_message = "A bucket that is not disposable must keep versions."
  }
  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "A bucket that is not disposable must not be destroyed with its objects."
  }
}

run "only_tls_is_let_in" {
  command = plan

  assert {
    condition = alltrue([
      one(data.aws_iam_policy_document.tls_only.statement).effect == "Deny",
      one(one(data.aws_iam_policy_document.tls_only.statement).condition).variable == "aws:SecureTransport",
      tolist(one(one(data.aws_iam_policy_document.tls_only.statement).condition).values)[0] == "false",
    ])
    error_message = "Requests without TLS must be denied."
  }
}
