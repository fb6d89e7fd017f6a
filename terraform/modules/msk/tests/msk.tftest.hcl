mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "0a1b2c3d4e5f-msk"
  kafka_version      = "4.1.x.kraft"
  broker_type        = "kafka.m7g.large"
  subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_ids = ["sg-brokers"]
  storage_gib        = 20
  storage_max_gib    = 200
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "clients_authenticate_only_by_iam" {
  command = plan

  assert {
    condition     = aws_msk_cluster.this.client_authentication[0].unauthenticated == false
    error_message = "Unauthenticated access must be off."
  }
  assert {
    condition     = aws_msk_cluster.this.client_authentication[0].sasl[0].iam == true
    error_message = "IAM must be on."
  }
  assert {
    condition     = coalesce(aws_msk_cluster.this.client_authentication[0].sasl[0].scram, false) == false && length(aws_msk_cluster.this.client_authentication[0].tls) == 0
    error_message = "Passwords and client certificates must be off."
  }
}

run "everything_is_encrypted" {
  command = plan

  assert {
    condition     = aws_msk_cluster.this.encryption_info[0].encryption_in_transit[0].client_broker == "TLS"
    error_message = "Brokers must accept only TLS."
  }
  assert {
    condition     = aws_msk_cluster.this.encryption_info[0].encryption_in_transit[0].in_cluster == true
    error_message = "Brokers must use TLS among themselves."
  }
  assert {
    condition     = aws_msk_cluster.this.encryption_info[0].encryption_at_rest_kms_key_arn == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "Volumes must be encrypted with the given key."
  }
}

run "a_broker_in_each_zone_in_kraft_mode" {
  command = plan

  assert {
    condition     = aws_msk_configuration.this.kafka_versions == toset([aws_msk_cluster.this.kafka_version])
    error_message = "Cluster and configuration must have the same version."
  }
  assert {
    condition     = aws_msk_cluster.this.number_of_broker_nodes == 3
    error_message = "Each subnet must have a broker."
  }
  assert {
    condition     = output.bootstrap_servers == "b-1.mock:9098,b-2.mock:9098,b-3.mock:9098"
    error_message = "Bootstrap servers must always have the same order, or their dependents would change with every plan."
  }
}

run "topics_are_created_explicitly_and_records_are_not_lost" {
  command = plan

  assert {
    condition = toset(split("\n", aws_msk_configuration.this.server_properties)) == toset([
      "auto.create.topics.enable=false",
      "default.replication.factor=3",
      "min.insync.replicas=2",
      "unclean.leader.election.enable=false",
      "num.partitions=3",
      "message.max.bytes=2097152",
    ])
    error_message = "The brokers must have exactly this configuration."
  }
  assert {
    condition     = aws_msk_cluster.this.configuration_info[0].arn == "arn:aws:kafka:us-east-1:123456789012:configuration/mock/00000000-1" && aws_msk_cluster.this.configuration_info[0].revision == 1
    error_message = "The cluster must run with that configuration."
  }
}

run "two_brokers_continue_when_one_is_down" {
  command = plan

  variables {
    subnet_ids = ["subnet-a", "subnet-b"]
  }

  assert {
    condition     = strcontains(aws_msk_configuration.this.server_properties, "default.replication.factor=2\n") && strcontains(aws_msk_configuration.this.server_properties, "min.insync.replicas=1\n")
    error_message = "With two brokers, one in-sync replica must be enough to write."
  }
}

run "brokers_log" {
  command = plan

  assert {
    condition = alltrue([
      aws_msk_cluster.this.logging_info[0].broker_logs[0].cloudwatch_logs[0].enabled,
      aws_msk_cluster.this.logging_info[0].broker_logs[0].cloudwatch_logs[0].log_group == "/aws/msk/0a1b2c3d4e5f-msk",
    ])
    error_message = "Brokers must log to CloudWatch."
  }
  assert {
    condition     = aws_cloudwatch_log_group.brokers.retention_in_days == 30 && aws_cloudwatch_log_group.brokers.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "Logs must be encrypted, and kept for 30 days by default."
  }
}

run "storage_grows_automatically" {
  command = plan

  assert {
    condition = alltrue([
      aws_appautoscaling_target.storage.resource_id == "arn:aws:kafka:us-east-1:123456789012:cluster/mock/00000000-1",
      aws_appautoscaling_target.storage.scalable_dimension == "kafka:broker-storage:VolumeSize",
      aws_appautoscaling_target.storage.max_capacity == 200,
    ])
    error_message = "It must grow to storage_max_gib at most."
  }
  assert {
    condition = alltrue([
      one(aws_appautoscaling_policy.storage.target_tracking_scaling_policy_configuration).target_value == 60,
      one(aws_appautoscaling_policy.storage.target_tracking_scaling_policy_configuration).disable_scale_in,
      one(one(aws_appautoscaling_policy.storage.target_tracking_scaling_policy_configuration).predefined_metric_specification).predefined_metric_type == "KafkaBrokerStorageUtilization",
    ])
    error_message = "It must grow at 60 percent, and never shrink: MSK cannot."
  }
}

run "zookeeper_one_broker_an_unknown_type_and_no_storage_are_refused" {
  command = plan

  variables {
    kafka_version = "3.7.x"
    broker_type   = "m7g.large"
    subnet_ids    = ["subnet-a"]
    storage_gib   = 0
  }

  expect_failures = [var.kafka_version, var.broker_type, var.subnet_ids, var.storage_gib]
}

run "an_unknown_version_and_too_large_a_volume_are_refused" {
  command = plan

  variables {
    kafka_version   = "4.1.0"
    storage_max_gib = 16385
  }

  expect_failures = [var.kafka_version, var.storage_max_gib]
}

run "a_maximum_below_the_initial_storage_is_refused" {
  command = plan

  variables {
    storage_max_gib = 19
  }

  expect_failures = [var.storage_max_gib]
}
