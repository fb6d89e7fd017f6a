mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "0a1b2c3d4e5f-airflow"
  environment_class  = "mw1.small"
  max_workers        = 5
  configuration      = { "core.default_timezone" = "utc" }
  bucket_arn         = "arn:aws:s3:::user-0a1b2c3d4e5f-bucket"
  role_arn           = "arn:aws:iam::123456789012:role/airflow"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-airflow"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "it_is_closed_and_encrypted" {
  command = plan

  assert {
    condition     = aws_mwaa_environment.this.webserver_access_mode == "PRIVATE_ONLY"
    error_message = "The web server must be reached from within alone."
  }
  assert {
    condition     = aws_mwaa_environment.this.kms_key == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "What it stores must be encrypted with the key that was given."
  }
  assert {
    condition = alltrue([
      aws_mwaa_environment.this.network_configuration[0].subnet_ids == toset(["subnet-a", "subnet-b"]),
      aws_mwaa_environment.this.network_configuration[0].security_group_ids == toset(["sg-airflow"]),
      aws_mwaa_environment.this.execution_role_arn == "arn:aws:iam::123456789012:role/airflow",
    ])
    error_message = "It must be in the subnets and the group, and act as the role, that were given."
  }
}

run "it_runs_the_dags_of_the_bucket" {
  command = plan

  assert {
    condition     = aws_mwaa_environment.this.source_bucket_arn == "arn:aws:s3:::user-0a1b2c3d4e5f-bucket" && aws_mwaa_environment.this.dag_s3_path == "airflow/dags"
    error_message = "DAGs must come from airflow/dags in the bucket."
  }
  assert {
    condition = alltrue([
      aws_mwaa_environment.this.airflow_version == "3.0.6",
      aws_mwaa_environment.this.environment_class == "mw1.small",
      aws_mwaa_environment.this.min_workers == 1,
      aws_mwaa_environment.this.max_workers == 5,
      aws_mwaa_environment.this.airflow_configuration_options == tomap({ "core.default_timezone" = "utc" }),
    ])
    error_message = "Version, size and options must be those that were given."
  }
  assert {
    condition = [
      for logs in [
        aws_mwaa_environment.this.logging_configuration[0].task_logs,
        aws_mwaa_environment.this.logging_configuration[0].scheduler_logs,
        aws_mwaa_environment.this.logging_configuration[0].dag_processing_logs,
        aws_mwaa_environment.this.logging_configuration[0].worker_logs,
        aws_mwaa_environment.this.logging_configuration[0].webserver_logs,
      ] : "${logs[0].enabled} ${logs[0].log_level}"
    ] == ["true INFO", "true WARNING", "true WARNING", "true WARNING", "true WARNING"]
    error_message = "All parts must log; of tasks, all that they say."
  }
}

run "what_mwaa_does_not_take_is_refused" {
  command = plan

  variables {
    environment_class = "mw1.tiny"
    subnet_ids        = ["subnet-a", "subnet-b", "subnet-c"]
  }

  expect_failures = [var.environment_class, var.subnet_ids]
}

run "two_workers_of_the_smallest_class_are_refused" {
  command = plan

  variables {
    environment_class = "mw1.micro"
    max_workers       = 2
  }

  expect_failures = [var.max_workers]
}

run "too_many_workers_are_refused" {
  command = plan

  variables {
    max_workers = 26
  }

  expect_failures = [var.max_workers]
}
