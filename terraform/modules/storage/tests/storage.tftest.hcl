mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  bucket      = "user-0a1b2c3d4e5f-bucket"
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/k"
}

run "nothing_is_public" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
    ])
    error_message = "All four public access blocks must be on."
  }
  assert {
    condition = output.bucket_arn == "x"
    error_message = "${output.bucket_arn} ${path.module} ${join(" ", fileset(path.module, "*.tf"))} ${jsonencode(data.aws_iam_policy_document.tls_only.statement)} ${data.aws_iam_policy_document.tls_only.json} ${aws_s3_bucket.this.id}"
  }
}
