mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "airflow-0a1b2c3d4e5f"
  environment_class  = "mw1.small"
  max_workers        = 5
  configuration      = { "core.default_timezone" = "utc" }
  bucket             = "user-0a1b2c3d4e5f-bucket"
  bucket_arn         = "arn:aws:s3:::user-0a1b2c3d4e5f-bucket"
  dags               = { "0a1b2c3d4e5f_dag.py" = "main.tf" } # any file will do
  requirements       = "versions.tf"
  constraints        = "outputs.tf"
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
}

run "it_runs_the_dags_of_the_bucket" {
  command = plan

  assert {
    condition     = aws_mwaa_environment.this.source_bucket_arn == "arn:aws:s3:::user-0a1b2c3d4e5f-bucket" && aws_mwaa_environment.this.dag_s3_path == "airflow/dags"
    error_message = "DAGs must come from airflow/dags in the bucket."
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

run "what_it_reads_is_uploaded" {
  command = plan

  assert {
    condition = { for object in [aws_s3_object.dag["0a1b2c3d4e5f_dag.py"], aws_s3_object.constraints, aws_s3_object.requirements] : object.key => object.content } == {
      "airflow/dags/0a1b2c3d4e5f_dag.py" = file("main.tf")
      "airflow/dags/outputs.tf"          = file("outputs.tf")
      "airflow/requirements.txt"         = file("versions.tf")
    }
    error_message = "DAG, constraints and requirements must be uploaded where MWAA looks for them."
  }
  assert {
    condition = alltrue([
      for object in [aws_s3_object.dag["0a1b2c3d4e5f_dag.py"], aws_s3_object.constraints, aws_s3_object.requirements] :
      object.bucket == "user-0a1b2c3d4e5f-bucket" && object.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    ])
    error_message = "They must go to the bucket, encrypted with the key."
  }
  assert {
    condition     = aws_s3_object.requirements.source_hash == filesha256("outputs.tf")
    error_message = "Other constraints must make another version of the requirements, or MWAA would not install anew."
  }
  assert {
    condition     = output.object_versions["airflow/requirements.txt"] == "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY" && length(output.object_versions) == 3
    error_message = "The version of each must be told."
  }
}

run "nothing_is_installed_and_nothing_is_secret_unless_asked_for" {
  command = plan

  assert {
    condition     = aws_mwaa_environment.this.requirements_s3_path == null
    error_message = "Without a way to the internet nothing can be installed."
  }
  assert {
    condition     = length(aws_secretsmanager_secret.connection) == 0 && output.connection_secrets == {}
    error_message = "Without connections there is no secret."
  }
}

run "requirements_are_installed_by_their_version" {
  command = plan

  variables {
    install_requirements = true
  }

  assert {
    condition     = aws_mwaa_environment.this.requirements_s3_path == "airflow/requirements.txt" && aws_mwaa_environment.this.requirements_s3_object_version == "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"
    error_message = "MWAA must be given the object and its version."
  }
}

run "connections_are_looked_up_in_secrets_manager" {
  command = plan

  variables {
    connections        = ["databricks_default"]
    connections_prefix = "0a1b2c3d4e5f/airflow/connections"
  }

  assert {
    condition = aws_mwaa_environment.this.airflow_configuration_options == tomap({
      "core.default_timezone"  = "utc"
      "secrets.backend"        = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
      "secrets.backend_kwargs" = "{\"config_prefix\":null,\"connections_prefix\":\"0a1b2c3d4e5f/airflow/connections\",\"variables_prefix\":null}"
    })
    error_message = "Connections, and nothing else, must be looked up there."
  }
  assert {
    condition = { for id, secret in aws_secretsmanager_secret.connection : id => "${secret.name} ${secret.kms_key_id} ${secret.recovery_window_in_days}" } == {
      databricks_default = "0a1b2c3d4e5f/airflow/connections/databricks_default arn:aws:kms:us-east-1:123456789012:key/0a1b 7"
    }
    error_message = "Each connection must have its secret, encrypted, and to be had back for a week."
  }
  assert {
    condition     = !strcontains(file("${path.module}/main.tf"), "aws_secretsmanager_secret_version")
    error_message = "Its value must not pass through Terraform."
  }
  assert {
    condition     = output.connection_secrets == { databricks_default = "0a1b2c3d4e5f/airflow/connections/databricks_default" }
    error_message = "The secret's name must be told."
  }
}

run "a_disposable_secret_goes_at_once" {
  command = plan

  variables {
    connections = ["databricks_default"]
    disposable  = true
  }

  assert {
    condition     = aws_secretsmanager_secret.connection["databricks_default"].recovery_window_in_days == 0
    error_message = "An offline estate must be made anew with the same names."
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
