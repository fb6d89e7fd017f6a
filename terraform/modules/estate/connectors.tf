# The connectors, configured as MSK Connect takes them. Keys are Confluent's wherever they mean the same, so that
# another connector.class and plugin (plugin_zip) is all it takes to use Confluent's sink.

locals {
  topics_dir            = "topics"
  event_connector       = "${var.user_id}-connector"
  dead_letter_connector = "${var.user_id}-dead-letter-connector"
  bytes                 = "org.apache.kafka.connect.converters.ByteArrayConverter"

  # Bytes in, the same bytes out: JsonConverter rewrites numbers and emoji. A worker that dies is noticed in seconds.
  worker_properties = {
    "key.converter"                  = local.bytes
    "value.converter"                = local.bytes
    "consumer.max.poll.records"      = "2000"
    "consumer.session.timeout.ms"    = "6000"
    "consumer.heartbeat.interval.ms" = "2000"
    # What a producer aborted was never published.
    "consumer.isolation.level" = "read_committed"
  }

  s3_sink = merge(
    {
      "connector.class"                = var.connector_class
      "tasks.max"                      = "1"
      "s3.bucket.name"                 = module.storage.bucket
      "s3.region"                      = data.aws_region.current.name
      "topics.dir"                     = local.topics_dir
      "filename.offset.zero.pad.width" = "10"
      "flush.size"                     = tostring(var.flush_size)
      "rotate.schedule.interval.ms"    = tostring(var.rotate_interval_ms)
      "timezone"                       = "UTC"
      # Of Confluent's sink; ours does just this.
      "storage.class"              = "io.confluent.connect.s3.storage.S3Storage"
      "format.class"               = "io.confluent.connect.s3.format.bytearray.ByteArrayFormat"
      "format.bytearray.extension" = ".json"
      # Ours asks Kafka for the topics' ids.
      "kafka.admin.bootstrap.servers" = module.msk.bootstrap_servers
    },
    { for key, value in local.kafka_client_properties : "kafka.admin.${key}" => value },
  )

  connectors = {
    (local.event_connector) = {
      description = "Lands the topics of events"
      mcu         = local.size.connect_mcu
      max_workers = local.size.connect_max_workers
      configuration = merge(local.s3_sink, {
        "topics"                                          = join(",", sort(values(local.topics)))
        "errors.tolerance"                                = "all"
        "errors.deadletterqueue.topic.name"               = local.dead_letter_topic
        "errors.deadletterqueue.topic.replication.factor" = tostring(local.copies)
        "errors.deadletterqueue.context.headers.enable"   = "true"
        # Connect drops what its producer of dead letters does not take.
        "producer.override.max.request.size" = tostring(local.max_dead_letter_bytes)
      })
    }
    (local.dead_letter_connector) = {
      description = "Lands the dead letters"
      mcu         = 1
      max_workers = 1
      configuration = merge(local.s3_sink, {
        "topics" = local.dead_letter_topic
        "format" = "dead-letter"
      })
    }
  }
}
