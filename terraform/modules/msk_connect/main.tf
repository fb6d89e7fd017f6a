# A plugin and the connectors that run it.

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:log_retention_days sets the retention
  name              = "/aws/mskconnect/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# Plugins are immutable, so that the name contains the version.
resource "aws_mskconnect_custom_plugin" "this" {
  name         = "${var.name}-plugin-${var.plugin.version}"
  description  = "s3://${var.plugin.bucket}/${var.plugin.key}"
  content_type = "ZIP"
  location {
    s3 {
      bucket_arn = var.plugin.bucket_arn
      file_key   = var.plugin.key
    }
  }
  lifecycle {
    create_before_destroy = true
  }
}

locals {
  worker_properties = join("\n", [for key, value in var.worker_properties : "${key}=${value}"])
}

resource "aws_mskconnect_worker_configuration" "this" {
  name                    = "${var.name}-worker-${substr(sha1(local.worker_properties), 0, 8)}"
  properties_file_content = local.worker_properties
  lifecycle {
    create_before_destroy = true
  }
}

# MSK Connect may accept a changed configuration and keep running the old one (hashicorp/terraform-provider-aws#47004). So
# a changed configuration replaces the connector. The sink resumes from what S3 has: nothing is lost or duplicated.
resource "terraform_data" "configuration" {
  for_each = var.connectors
  input    = sha1(jsonencode(each.value.configuration))
}

resource "aws_mskconnect_connector" "this" {
  for_each             = var.connectors
  name                 = each.key
  description          = each.value.description
  kafkaconnect_version = var.kafka_connect_version

  capacity {
    autoscaling {
      mcu_count        = each.value.mcu
      min_worker_count = 1
      max_worker_count = each.value.max_workers
      scale_in_policy {
        cpu_utilization_percentage = 20
      }
      scale_out_policy {
        cpu_utilization_percentage = 80
      }
    }
  }

  connector_configuration = each.value.configuration

  kafka_cluster {
    apache_kafka_cluster {
      bootstrap_servers = var.bootstrap_servers
      vpc {
        security_groups = var.security_group_ids
        subnets         = var.subnet_ids
      }
    }
  }

  kafka_cluster_client_authentication {
    authentication_type = "IAM"
  }

  kafka_cluster_encryption_in_transit {
    encryption_type = "TLS"
  }

  plugin {
    custom_plugin {
      arn      = aws_mskconnect_custom_plugin.this.arn
      revision = aws_mskconnect_custom_plugin.this.latest_revision
    }
  }

  worker_configuration {
    arn      = aws_mskconnect_worker_configuration.this.arn
    revision = aws_mskconnect_worker_configuration.this.latest_revision
  }

  log_delivery {
    worker_log_delivery {
      cloudwatch_logs {
        enabled   = true
        log_group = aws_cloudwatch_log_group.this.name
      }
    }
  }

  service_execution_role_arn = var.role_arn

  lifecycle {
    replace_triggered_by = [terraform_data.configuration[each.key]]
  }
}
