# Managed Airflow, with a web server that only the VPC can reach; its DAGs, requirements and connections.

locals {
  # Only connections: looking up variables and configuration would cost calls of Secrets Manager.
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

# --- Files. Uploaded by content, so that another checkout makes no diff. --------------------------------------------

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
  source_hash = filesha256(var.constraints) # MWAA reinstalls for a new version: changed constraints must create one
  kms_key_id  = var.kms_key_arn
}

# Without a value, so that Terraform's state has none: the owner of the credentials sets it.
resource "aws_secretsmanager_secret" "connection" {
  #checkov:skip=CKV2_AWS_57:The issuer of the credentials rotates them; a Lambda cannot
  for_each                = var.connections
  name                    = "${var.connections_prefix}/${each.key}"
  description             = "Airflow's connection ${each.key}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.disposable ? 0 : 7
}
