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
    error_message = "Connectors must make themselves known by IAM."
  }
  assert {
    condition     = alltrue([for connector in values(aws_mskconnect_connector.this) : connector.kafka_cluster_encryption_in_transit[0].encryption_type == "TLS"])
    error_message = "Connectors must talk TLS."
  }
}

run "each_connector_is_as_large_as_it_was_asked_to_be" {
  command = plan

  assert {
    condition = { for name, connector in aws_mskconnect_connector.this : name => [for part in connector.capacity[0].autoscaling : "${part.mcu_count} ${part.min_worker_count}-${part.max_worker_count}"] } == {
      events       = ["2 1-4"]
      dead-letters = ["1 1-1"]
    }
    error_message = "Units and workers must be those that were given."
  }
}

run "the_plugin_is_named_after_what_is_in_it" {
  command = plan

  assert {
    condition     = aws_mskconnect_custom_plugin.this.name == "0a1b2c3d4e5f-plugin-3f786850"
    error_message = "The plugin must be <name>-plugin-<version>: it cannot be changed, only made anew."
  }
}

run "workers_have_their_properties_and_log" {
  command = plan

  assert {
    condition     = aws_mskconnect_worker_configuration.this.properties_file_content == "key.converter=org.example.Bytes\nvalue.converter=org.example.Bytes"
    error_message = "The properties must be a line each."
  }
  assert {
    condition     = can(regex("^0a1b2c3d4e5f-worker-[0-9a-f]{8}$", aws_mskconnect_worker_configuration.this.name))
    error_message = "The name must carry what is in it: worker configurations cannot be changed either."
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
    error_message = "Logs must be encrypted, and kept for 30 days unless told otherwise."
  }
}

run "units_that_msk_connect_has_not_and_missing_converters_are_refused" {
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

# MSK Connect may go on with the old configuration after it took a new one: the connector must be another one.

run "connectors_are_made" {
  command = apply
}

run "a_changed_configuration_makes_its_connector_anew_and_no_other" {
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
    condition     = output.arns["events"] != run.connectors_are_made.arns["events"]
    error_message = "The connector whose configuration changed must be replaced."
  }
  assert {
    condition     = output.arns["dead-letters"] == run.connectors_are_made.arns["dead-letters"]
    error_message = "The other connector must stay as it was."
  }
}
