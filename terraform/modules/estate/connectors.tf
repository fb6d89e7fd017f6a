# The connectors' configuration for MSK Connect. Keys with the same meaning have Confluent's names, so that Confluent's
# sink needs only another connector.class and plugin (plugin_zip).

locals {
  topics_dir            = "topics"
  event_connector       = "${var.user_id}-connector"
  dead_letter_connector = "${var.user_id}-dead-letter-connector"
  bytes                 = "org.apache.kafka.connect.converters.ByteArrayConverter"

  # Bytes pass unchanged: JsonConverter rewrites numbers and emoji. A dead worker is detected in seconds.
  worker_properties = {
    "key.converter"                  = local.bytes
    "value.converter"                = local.bytes
    "consumer.max.poll.records"      = "2000"
    "consumer.session.timeout.ms"    = "6000"
    "consumer.heartbeat.interval.ms" = "2000"
    # Records of aborted transactions must not land.
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
      # For Confluent's sink; ours always does this.
      "storage.class"              = "io.confluent.connect.s3.storage.S3Storage"
      "format.class"               = "io.confluent.connect.s3.format.bytearray.ByteArrayFormat"
      "format.bytearray.extension" = ".json"
      # Our sink asks Kafka for the topics' ids.
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
        # Connect drops dead letters that its producer refuses.
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
