# The connectors, configured as MSK Connect takes them. Keys are Confluent's wherever they mean the same, so that
# another connector.class and plugin is all it takes to use Confluent's sink.

locals {
  bytes = "org.apache.kafka.connect.converters.ByteArrayConverter"

  s3_sink = merge(
    {
      "connector.class"                = "org.pinpipeline.connect.S3SinkConnector"
      "tasks.max"                      = "1"
      "key.converter"                  = local.bytes
      "value.converter"                = local.bytes
      "s3.bucket.name"                 = module.storage.bucket
      "s3.region"                      = var.region
      "kafka.admin.bootstrap.servers"  = var.bootstrap_servers
      "topics.dir"                     = local.topics_dir
      "filename.offset.zero.pad.width" = "10"
      "flush.size"                     = tostring(var.flush_size)
      "rotate.schedule.interval.ms"    = tostring(var.rotate_interval_ms)
      # What Kafka still holds has either landed or is to be landed: S3, not the committed offset, says which.
      "consumer.override.auto.offset.reset"     = "earliest"
      "consumer.override.max.poll.records"      = "2000"
      "consumer.override.session.timeout.ms"    = "6000"
      "consumer.override.heartbeat.interval.ms" = "2000"
    },
    var.s3_endpoint_url == null ? {} : {
      "store.url"                    = var.s3_endpoint_url
      "s3.path.style.access.enabled" = "true"
    },
  )

  topics_dir = "topics"

  connectors = {
    events = merge(local.s3_sink, {
      "topics"                                          = join(",", values(local.topics))
      "errors.tolerance"                                = "all"
      "errors.deadletterqueue.topic.name"               = local.dead_letter_topic
      "errors.deadletterqueue.topic.replication.factor" = tostring(var.replication_factor)
      "errors.deadletterqueue.context.headers.enable"   = "true"
    })
    dead-letters = merge(local.s3_sink, {
      "topics" = local.dead_letter_topic
      "format" = "dead-letter"
    })
  }
}
