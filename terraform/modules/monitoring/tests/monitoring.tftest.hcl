mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name                  = "0a1b2c3d4e5f"
  api_name              = "0a1b2c3d4e5f"
  api_access_log_group  = "/aws/apigateway/0a1b2c3d4e5f"
  rest_proxy_service    = "0a1b2c3d4e5f-rest-proxy"
  cluster_name          = "0a1b2c3d4e5f-msk"
  topics                = ["0a1b2c3d4e5f.pin"]
  connectors            = ["0a1b2c3d4e5f-connector", "0a1b2c3d4e5f-dead-letter-connector"]
  event_connector       = "0a1b2c3d4e5f-connector"
  dead_letter_connector = "0a1b2c3d4e5f-dead-letter-connector"
  streams               = ["0a1b2c3d4e5f-pin"]
  database_identifier   = "source-0a1b2c3d4e5f"
  kms_key_arn           = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "each_alarm_watches_its_metric" {
  command = plan

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => "${alarm.statistic} of ${alarm.namespace} ${alarm.metric_name}" } == {
      "api-5xx"                                         = "Sum of AWS/ApiGateway 5XXError"
      "api-throttles"                                   = "Sum of PinPipeline/0a1b2c3d4e5f ApiThrottles"
      "database-storage"                                = "Minimum of AWS/RDS FreeStorageSpace"
      "dead-letters"                                    = "Maximum of AWS/KafkaConnect SinkRecordReadRate"
      "failed-tasks-0a1b2c3d4e5f-connector"             = "Maximum of AWS/KafkaConnect ErroredTaskCount"
      "failed-tasks-0a1b2c3d4e5f-dead-letter-connector" = "Maximum of AWS/KafkaConnect ErroredTaskCount"
      "iterator-age-0a1b2c3d4e5f-pin"                   = "Maximum of AWS/Kinesis GetRecords.IteratorAgeMilliseconds"
      "kafka-offline-partitions"                        = "Maximum of AWS/Kafka OfflinePartitionsCount"
      "kafka-storage"                                   = "Maximum of AWS/Kafka KafkaDataLogsDiskUsed"
      "lag-0a1b2c3d4e5f.pin"                            = "Maximum of AWS/Kafka SumOffsetLag"
    }
    error_message = "Alarms must watch these metrics."
  }
  assert {
    condition = jsonencode({ for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.dimensions }) == jsonencode({
      "api-5xx"                                         = { ApiName = "0a1b2c3d4e5f" }
      "api-throttles"                                   = {}
      "database-storage"                                = { DBInstanceIdentifier = "source-0a1b2c3d4e5f" }
      "dead-letters"                                    = { ConnectorName = "0a1b2c3d4e5f-dead-letter-connector" }
      "failed-tasks-0a1b2c3d4e5f-connector"             = { ConnectorName = "0a1b2c3d4e5f-connector" }
      "failed-tasks-0a1b2c3d4e5f-dead-letter-connector" = { ConnectorName = "0a1b2c3d4e5f-dead-letter-connector" }
      "iterator-age-0a1b2c3d4e5f-pin"                   = { StreamName = "0a1b2c3d4e5f-pin" }
      "kafka-offline-partitions"                        = { "Cluster Name" = "0a1b2c3d4e5f-msk" }
      "kafka-storage"                                   = { "Cluster Name" = "0a1b2c3d4e5f-msk" }
      "lag-0a1b2c3d4e5f.pin"                            = { "Cluster Name" = "0a1b2c3d4e5f-msk", "Consumer Group" = "connect-0a1b2c3d4e5f-connector", "Topic" = "0a1b2c3d4e5f.pin" }
    })
    error_message = "Alarms must have these dimensions: a metric without its dimensions has no data, and raises no alarm."
  }
  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => "${alarm.comparison_operator} ${alarm.threshold} for ${alarm.evaluation_periods} x ${alarm.period} s" } == {
      "api-5xx"                                         = "GreaterThanThreshold 5 for 3 x 60 s"
      "api-throttles"                                   = "GreaterThanThreshold 100 for 5 x 60 s"
      "database-storage"                                = "LessThanThreshold 2000000000 for 5 x 60 s"
      "dead-letters"                                    = "GreaterThanThreshold 0 for 1 x 60 s"
      "failed-tasks-0a1b2c3d4e5f-connector"             = "GreaterThanThreshold 0 for 1 x 60 s"
      "failed-tasks-0a1b2c3d4e5f-dead-letter-connector" = "GreaterThanThreshold 0 for 1 x 60 s"
      "iterator-age-0a1b2c3d4e5f-pin"                   = "GreaterThanThreshold 600000 for 5 x 60 s"
      "kafka-offline-partitions"                        = "GreaterThanThreshold 0 for 3 x 60 s"
      "kafka-storage"                                   = "GreaterThanThreshold 85 for 5 x 60 s"
      "lag-0a1b2c3d4e5f.pin"                            = "GreaterThanThreshold 100000 for 10 x 60 s"
    }
    error_message = "Alarms must have these thresholds."
  }
}

run "alarms_notify_people" {
  command = plan

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:mock"]) && alarm.ok_actions == toset(["arn:aws:sns:us-east-1:123456789012:mock"])])
    error_message = "Every alarm and its end must be published."
  }
  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.this) : alarm.treat_missing_data == "notBreaching" && alarm.alarm_description != ""])
    error_message = "Missing data must not raise an alarm; each alarm must have a description."
  }
  assert {
    condition     = aws_sns_topic.alarms.name == "0a1b2c3d4e5f-alarms" && aws_sns_topic.alarms.kms_master_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "The topic must be encrypted with the given key."
  }
  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "Without an address there must be no subscription."
  }
}

run "throttled_requests_are_counted" {
  command = plan

  assert {
    condition = alltrue([
      aws_cloudwatch_log_metric_filter.throttles.log_group_name == "/aws/apigateway/0a1b2c3d4e5f",
      aws_cloudwatch_log_metric_filter.throttles.pattern == "{ $.status = 429 }",
      aws_cloudwatch_log_metric_filter.throttles.metric_transformation[0].namespace == "PinPipeline/0a1b2c3d4e5f",
      aws_cloudwatch_log_metric_filter.throttles.metric_transformation[0].name == "ApiThrottles",
      aws_cloudwatch_log_metric_filter.throttles.metric_transformation[0].value == "1",
    ])
    error_message = "Each 429 in the access log must count as 1 in the metric of the alarm."
  }
}

run "the_dashboard_follows_the_data_flow" {
  command = plan

  assert {
    condition = [for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.title] == [
      "Requests to the API",
      "Latency of the API, ms",
      "CPU of the REST proxy, per cent",
      "Disk of the brokers, per cent",
      "Lag of the sink, records",
      "Records landed, a second",
      "Failed tasks of the connectors",
      "Records into the streams",
      "Age of what the streams' readers read, ms",
    ]
    error_message = "The dashboard must have a graph for each step."
  }
  assert {
    condition     = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.properties.region == "us-east-1" && length(widget.properties.metrics) > 0])
    error_message = "No graph may be empty."
  }
}

run "a_given_address_is_subscribed" {
  command = plan

  variables {
    email       = "me@example.org"
    lag_records = 500
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].protocol == "email" && aws_sns_topic_subscription.email[0].endpoint == "me@example.org"
    error_message = "The address must be subscribed."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["lag-0a1b2c3d4e5f.pin"].threshold == 500
    error_message = "The alarm must have the given lag as its threshold."
  }
}

run "an_invalid_address_is_refused" {
  command = plan

  variables {
    email = "me at example.org"
  }

  expect_failures = [var.email]
}
