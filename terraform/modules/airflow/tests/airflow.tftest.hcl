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
  dags               = { "0a1b2c3d4e5f_dag.py" = "main.tf" } # any file works
  requirements       = "versions.tf"
  constraints        = "outputs.tf"
  role_arn           = "arn:aws:iam::123456789012:role/airflow"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-airflow"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "it_is_private_and_encrypted" {
  command = plan

  assert {
    condition     = aws_mwaa_environment.this.webserver_access_mode == "PRIVATE_ONLY"
    error_message = "Only the VPC may reach the web server."
  }
  assert {
    condition     = aws_mwaa_environment.this.kms_key == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "Its data must be encrypted with the given key."
  }
}

run "it_reads_its_dags_from_the_bucket" {
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
    error_message = "All components must log, and tasks at level INFO."
  }
}

run "its_files_are_uploaded" {
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
    error_message = "Changed constraints must create a new version of the requirements, or MWAA would not reinstall."
  }
  assert {
    condition     = output.object_versions["airflow/requirements.txt"] == "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY" && length(output.object_versions) == 3
    error_message = "The outputs must have the version of each."
  }
}

run "by_default_there_are_no_requirements_and_no_secrets" {
  command = plan

  assert {
    condition     = aws_mwaa_environment.this.requirements_s3_path == null
    error_message = "Without internet access nothing can be installed."
  }
  assert {
    condition     = length(aws_secretsmanager_secret.connection) == 0 && output.connection_secrets == {}
    error_message = "Without connections there must be no secret."
  }
}

run "requirements_are_installed_in_the_uploaded_version" {
  command = plan

  variables {
    install_requirements = true
  }

  assert {
    condition     = aws_mwaa_environment.this.requirements_s3_path == "airflow/requirements.txt" && aws_mwaa_environment.this.requirements_s3_object_version == "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"
    error_message = "MWAA must get the object and its version."
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
    error_message = "Only connections must be looked up there."
  }
  assert {
    condition = { for id, secret in aws_secretsmanager_secret.connection : id => "${secret.name} ${secret.kms_key_id} ${secret.recovery_window_in_days}" } == {
      databricks_default = "0a1b2c3d4e5f/airflow/connections/databricks_default arn:aws:kms:us-east-1:123456789012:key/0a1b 7"
    }
    error_message = "Each connection must have an encrypted secret that can be restored for a week."
  }
  assert {
    condition     = !strcontains(file("${path.module}/main.tf"), "aws_secretsmanager_secret_version")
    error_message = "Its value must not pass through Terraform."
  }
  assert {
    condition     = output.connection_secrets == { databricks_default = "0a1b2c3d4e5f/airflow/connections/databricks_default" }
    error_message = "The outputs must have the name of the secret."
  }
}

run "a_disposable_secret_is_deleted_immediately" {
  command = plan

  variables {
    connections = ["databricks_default"]
    disposable  = true
  }

  assert {
    condition     = aws_secretsmanager_secret.connection["databricks_default"].recovery_window_in_days == 0
    error_message = "An offline estate must be recreated with the same names."
  }
}

run "values_that_mwaa_refuses_are_refused" {
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
