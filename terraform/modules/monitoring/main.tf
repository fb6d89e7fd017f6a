# Alarms that notify people by e-mail or pager, and a dashboard of the same metrics.

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "email" {
  count     = var.email == null ? 0 : 1
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.email
}

# REST APIs have no separate metric for status 429.
resource "aws_cloudwatch_log_metric_filter" "throttles" {
  name           = "${var.name}-api-throttles"
  log_group_name = var.api_access_log_group
  pattern        = "{ $.status = 429 }"
  metric_transformation {
    namespace = local.own
    name      = "ApiThrottles"
    value     = "1"
  }
}

locals {
  own = "PinPipeline/${var.name}"

  # Each alarm: its meaning, metric and threshold. Periods are in minutes.
  alarms = merge(
    {
      api-5xx = {
        description = "The API answers 5xx: the REST proxy is down or unhealthy"
        namespace   = "AWS/ApiGateway", metric = "5XXError", dimensions = { ApiName = var.api_name }
        statistic   = "Sum", threshold = 5, periods = 3
      }
      api-throttles = {
        description = "Callers are throttled: raise the limits, or send larger batches"
        namespace   = local.own, metric = "ApiThrottles", dimensions = {}
        statistic   = "Sum", threshold = 100, periods = 5
      }
      kafka-storage = {
        description = "A broker's volume is over 85 percent full: autoscaling should have extended it"
        namespace   = "AWS/Kafka", metric = "KafkaDataLogsDiskUsed", dimensions = { "Cluster Name" = var.cluster_name }
        statistic   = "Maximum", threshold = 85, periods = 5
      }
      kafka-offline-partitions = {
        description = "Partitions have no leader: they can be neither read nor written"
        namespace   = "AWS/Kafka", metric = "OfflinePartitionsCount", dimensions = { "Cluster Name" = var.cluster_name }
        statistic   = "Maximum", threshold = 0, periods = 3
      }
      dead-letters = {
        description = "The sink could not land some records: see the table rejected"
        namespace   = "AWS/KafkaConnect", metric = "SinkRecordReadRate", dimensions = { ConnectorName = var.dead_letter_connector }
        statistic   = "Maximum", threshold = 0, periods = 1
      }
      database-storage = {
        description = "The source database has less than 2 GB of free storage"
        namespace   = "AWS/RDS", metric = "FreeStorageSpace", dimensions = { DBInstanceIdentifier = var.database_identifier }
        statistic   = "Minimum", threshold = 2000000000, periods = 5, below = true
      }
    },
    { for name in var.connectors : "failed-tasks-${name}" => {
      description = "Tasks of the connector ${name} have failed: see its log"
      namespace   = "AWS/KafkaConnect", metric = "ErroredTaskCount", dimensions = { ConnectorName = name }
      statistic   = "Maximum", threshold = 0, periods = 1
    } },
    { for topic in var.topics : "lag-${topic}" => {
      description = "The sink lags behind the topic ${topic}"
      namespace   = "AWS/Kafka", metric = "SumOffsetLag"
      dimensions  = { "Cluster Name" = var.cluster_name, "Consumer Group" = "connect-${var.event_connector}", "Topic" = topic }
      statistic   = "Maximum", threshold = var.lag_records, periods = 10
    } },
    { for stream in var.streams : "iterator-age-${stream}" => {
      description = "The stream job lags more than ten minutes behind the stream ${stream}"
      namespace   = "AWS/Kinesis", metric = "GetRecords.IteratorAgeMilliseconds", dimensions = { StreamName = stream }
      statistic   = "Maximum", threshold = 600000, periods = 5
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  threshold           = each.value.threshold
  comparison_operator = try(each.value.below, false) ? "LessThanThreshold" : "GreaterThanThreshold"
  period              = 60
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching" # a component has no metrics before its first run
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# --- Dashboard: graphs in the order of the data flow ----------------------------------------------------------

data "aws_region" "current" {}

locals {
  graphs = [
    { title = "Requests to the API", stat = "Sum", metrics = [for metric in ["Count", "4XXError", "5XXError"] : ["AWS/ApiGateway", metric, "ApiName", var.api_name]] },
    { title = "Latency of the API, ms", stat = "p99", metrics = [for metric in ["Latency", "IntegrationLatency"] : ["AWS/ApiGateway", metric, "ApiName", var.api_name]] },
    { title = "CPU of the REST proxy, per cent", stat = "Average", metrics = [["AWS/ECS", "CPUUtilization", "ClusterName", var.rest_proxy_service, "ServiceName", var.rest_proxy_service]] },
    { title = "Disk of the brokers, per cent", stat = "Maximum", metrics = [["AWS/Kafka", "KafkaDataLogsDiskUsed", "Cluster Name", var.cluster_name]] },
    { title = "Lag of the sink, records", stat = "Maximum", metrics = [for topic in var.topics : ["AWS/Kafka", "SumOffsetLag", "Cluster Name", var.cluster_name, "Consumer Group", "connect-${var.event_connector}", "Topic", topic]] },
    { title = "Records landed, a second", stat = "Average", metrics = [for name in var.connectors : ["AWS/KafkaConnect", "SinkRecordSendRate", "ConnectorName", name]] },
    { title = "Failed tasks of the connectors", stat = "Maximum", metrics = [for name in var.connectors : ["AWS/KafkaConnect", "ErroredTaskCount", "ConnectorName", name]] },
    { title = "Records into the streams", stat = "Sum", metrics = [for stream in var.streams : ["AWS/Kinesis", "IncomingRecords", "StreamName", stream]] },
    { title = "Age of what the streams' readers read, ms", stat = "Maximum", metrics = [for stream in var.streams : ["AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "StreamName", stream]] },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for i, graph in local.graphs : {
      type       = "metric"
      x          = i % 2 * 12
      y          = floor(i / 2) * 6
      width      = 12
      height     = 6
      properties = merge(graph, { region = data.aws_region.current.name, period = 60 })
    }]
  })
}
