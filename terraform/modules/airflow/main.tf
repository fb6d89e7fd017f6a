# Managed Airflow, with its web server within the VPC only.

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

  airflow_configuration_options = var.configuration

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
}
