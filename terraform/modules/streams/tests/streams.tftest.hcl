mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  names       = { pin = "0a1b2c3d4e5f-pin", geo = "0a1b2c3d4e5f-geo" }
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "streams_are_encrypted_and_on_demand" {
  command = plan

  assert {
    condition     = alltrue([for stream in values(aws_kinesis_stream.this) : stream.encryption_type == "KMS" && stream.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"])
    error_message = "Records must be encrypted with the given key."
  }
  assert {
    condition     = alltrue([for stream in values(aws_kinesis_stream.this) : stream.stream_mode_details[0].stream_mode == "ON_DEMAND" && stream.shard_count == null])
    error_message = "Streams must be on demand by default."
  }
  assert {
    condition     = alltrue([for stream in values(aws_kinesis_stream.this) : stream.retention_period == 72])
    error_message = "The retention must cover a weekend."
  }
}

run "shards_and_retention" {
  command = plan

  variables {
    shards          = 2
    retention_hours = 24
  }

  assert {
    condition     = alltrue([for stream in values(aws_kinesis_stream.this) : stream.stream_mode_details[0].stream_mode == "PROVISIONED" && stream.shard_count == 2 && stream.retention_period == 24])
    error_message = "Streams must have the given shards and retention."
  }
}

run "no_shards_and_less_than_a_day_are_refused" {
  command = plan

  variables {
    shards          = 0
    retention_hours = 23
  }

  expect_failures = [var.shards, var.retention_hours]
}

run "more_than_a_year_is_refused" {
  command = plan

  variables {
    retention_hours = 8761
  }

  expect_failures = [var.retention_hours]
}
