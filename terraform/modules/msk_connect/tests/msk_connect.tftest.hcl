mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name = "0a1b2c3d4e5f"
  plugin = {
    bucket     = "user-0a1b2c3d4e5f-bucket"
    bucket_arn = "arn:aws:s3:::user-0a1b2c3d4e5f-bucket"
    key        = "artifacts/plugin.zip"
    version    = "3f786850"
  }
  connectors = {
    events = {
      description   = "Lands the topics of events"
      configuration = { "connector.class" = "org.example.Sink", "topics" = "a,b" }
      mcu           = 2
      max_workers   = 4
    }
    dead-letters = {
      description   = "Lands the dead letters"
      configuration = { "connector.class" = "org.example.Sink", "topics" = "c" }
      mcu           = 1
      max_workers   = 1
    }
  }
  worker_properties = {
    "key.converter"   = "org.example.Bytes"
    "value.converter" = "org.example.Bytes"
  }
  bootstrap_servers  = "b-1.mock:9098,b-2.mock:9098"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-connect"]
  role_arn           = "arn:aws:iam::123456789012:role/connect"
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "connectors_use_iam_over_tls" {
  command = plan

  assert {
    condition     = alltrue([for connector in values(aws_mskconnect_connector.this) : connector.kafka_cluster_client_authentication[0].authentication_type == "IAM"])
    error_message = "Connectors must authenticate by IAM."
  }
  assert {
    condition     = alltrue([for connector in values(aws_mskconnect_connector.this) : connector.kafka_cluster_encryption_in_transit[0].encryption_type == "TLS"])
    error_message = "Connectors must use TLS."
  }
}

run "each_connector_has_its_own_capacity" {
  command = plan

  assert {
    condition = { for name, connector in aws_mskconnect_connector.this : name => [for part in connector.capacity[0].autoscaling : "${part.mcu_count} ${part.min_worker_count}-${part.max_worker_count}"] } == {
      events       = ["2 1-4"]
      dead-letters = ["1 1-1"]
    }
    error_message = "Connectors must have the given units and workers."
  }
}

run "the_name_of_the_plugin_has_its_version" {
  command = plan

  assert {
    condition     = aws_mskconnect_custom_plugin.this.name == "0a1b2c3d4e5f-plugin-3f786850"
    error_message = "The plugin must be <name>-plugin-<version>: plugins are immutable."
  }
}

run "workers_have_their_properties_and_log" {
  command = plan

  assert {
    condition     = aws_mskconnect_worker_configuration.this.properties_file_content == "key.converter=org.example.Bytes\nvalue.converter=org.example.Bytes"
    error_message = "There must be one property per line."
  }
  assert {
    condition     = can(regex("^0a1b2c3d4e5f-worker-[0-9a-f]{8}$", aws_mskconnect_worker_configuration.this.name))
    error_message = "The name must contain a checksum: worker configurations are immutable."
  }
  assert {
    condition = alltrue([
      for connector in values(aws_mskconnect_connector.this) : alltrue([
        connector.log_delivery[0].worker_log_delivery[0].cloudwatch_logs[0].enabled,
        connector.log_delivery[0].worker_log_delivery[0].cloudwatch_logs[0].log_group == "/aws/mskconnect/0a1b2c3d4e5f",
      ])
    ])
    error_message = "Workers must log to CloudWatch."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 30 && aws_cloudwatch_log_group.this.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "Logs must be encrypted, and kept for 30 days by default."
  }
}

run "unknown_units_and_missing_converters_are_refused" {
  command = plan

  variables {
    connectors = {
      events = { description = "", configuration = { "connector.class" = "org.example.Sink" }, mcu = 3, max_workers = 1 }
    }
    worker_properties = { "key.converter" = "org.example.Bytes" }
  }

  expect_failures = [var.connectors, var.worker_properties]
}

run "too_many_workers_are_refused" {
  command = plan

  variables {
    connectors = {
      events = { description = "", configuration = { "connector.class" = "org.example.Sink" }, mcu = 1, max_workers = 11 }
    }
  }

  expect_failures = [var.connectors]
}

run "a_connector_without_a_class_is_refused" {
  command = plan

  variables {
    connectors = {
      events = { description = "", configuration = { "topics" = "a" }, mcu = 1, max_workers = 1 }
    }
  }

  expect_failures = [var.connectors]
}

# MSK Connect may accept a new configuration and keep running the old one: the connector must be replaced.

run "connectors_are_created" {
  command = apply
}

run "a_changed_configuration_replaces_only_its_connector" {
  command = apply

  variables {
    connectors = {
      events = {
        description   = "Lands the topics of events"
        configuration = { "connector.class" = "org.example.Sink", "topics" = "a,b", "flush.size" = "5000" }
        mcu           = 2
        max_workers   = 4
      }
      dead-letters = {
        description   = "Lands the dead letters"
        configuration = { "connector.class" = "org.example.Sink", "topics" = "c" }
        mcu           = 1
        max_workers   = 1
      }
    }
  }

  assert {
    condition     = output.arns["events"] != run.connectors_are_created.arns["events"]
    error_message = "The connector whose configuration changed must be replaced."
  }
  assert {
    condition     = output.arns["dead-letters"] == run.connectors_are_created.arns["dead-letters"]
    error_message = "The other connector must stay."
  }
}
