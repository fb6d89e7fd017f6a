# Managed Airflow, with its web server within the VPC only; its DAGs and requirements, and where its connections are.

locals {
  # Connections alone are looked up: for variables and configuration nobody need call Secrets Manager.
  secrets = length(var.connections) == 0 ? {} : {
    "secrets.backend" = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
    "secrets.backend_kwargs" = jsonencode({
      connections_prefix = var.connections_prefix
      variables_prefix   = null
      config_prefix      = null
    })
  }
}

resource "aws_mwaa_environment" "this" {
  name                  = var.name
  airflow_version       = var.airflow_version
  environment_class     = var.environment_class
  source_bucket_arn     = var.bucket_arn
  dag_s3_path           = var.dags_prefix
  execution_role_arn    = var.role_arn
  kms_key               = var.kms_key_arn
  webserver_access_mode = "PRIVATE_ONLY"
  min_workers           = 1
  max_workers           = var.max_workers

  requirements_s3_path           = var.install_requirements ? aws_s3_object.requirements.key : null
  requirements_s3_object_version = var.install_requirements ? aws_s3_object.requirements.version_id : null
  airflow_configuration_options  = merge(var.configuration, local.secrets)

  network_configuration {
    security_group_ids = var.security_group_ids
    subnet_ids         = var.subnet_ids
  }

  logging_configuration {
    dag_processing_logs {
      enabled   = true
      log_level = "WARNING"
    }
    scheduler_logs {
      enabled   = true
      log_level = "WARNING"
    }
    task_logs {
      enabled   = true
      log_level = "INFO"
    }
    webserver_logs {
      enabled   = true
      log_level = "WARNING"
    }
    worker_logs {
      enabled   = true
      log_level = "WARNING"
    }
  }

  depends_on = [aws_s3_object.constraints, aws_s3_object.dag]
}

# --- What it reads. Texts go by their content, so that it is no change to upload them from another machine. ---------

resource "aws_s3_object" "dag" {
  for_each   = var.dags
  bucket     = var.bucket
  key        = "${var.dags_prefix}/${each.key}"
  content    = file(each.value)
  kms_key_id = var.kms_key_arn
}

resource "aws_s3_object" "constraints" {
  bucket     = var.bucket
  key        = "${var.dags_prefix}/${basename(var.constraints)}"
  content    = file(var.constraints)
  kms_key_id = var.kms_key_arn
}

resource "aws_s3_object" "requirements" {
  bucket      = var.bucket
  key         = "${dirname(var.dags_prefix)}/requirements.txt"
  content     = file(var.requirements)
  source_hash = filesha256(var.constraints) # MWAA installs anew when the version is new: other constraints make one
  kms_key_id  = var.kms_key_arn
}

# Without a value, so that none is in Terraform's state: who has it puts it there.
resource "aws_secretsmanager_secret" "connection" {
  #checkov:skip=CKV2_AWS_57:Who issued the credentials makes new ones, no Lambda could
  for_each                = var.connections
  name                    = "${var.connections_prefix}/${each.key}"
  description             = "Airflow's connection ${each.key}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.disposable ? 0 : 7
}
