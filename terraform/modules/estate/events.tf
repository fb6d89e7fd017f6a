# The path of the events: the API, the REST proxy, Kafka and the connectors, and the streams.

locals {
  entities          = ["pin", "geo", "user"]
  topics            = { for entity in local.entities : entity => "${var.user_id}.${entity}" }
  dead_letter_topic = "${var.user_id}.dead-letter"
  cluster_name      = "${var.user_id}-msk"

  # Releases of the managed services. The tools of the Kafka client have the version of the cluster.
  versions = {
    kafka         = "4.1.x.kraft"
    kafka_connect = "3.7.x"
    emr           = "emr-spark-8.1.0" # Spark 4.1.1, Delta 4.2.0: the jobs are tested with these
    airflow       = "3.2.1"
    rest_proxy    = "0.1.0" # our own; the tag that its tasks pull until an image is pushed
  }

  # The proxy: its image, and the path that answers 200 if it can reach Kafka.
  rest_proxy = var.kafka_rest_image == null ? {
    image             = var.rest_proxy_image == null ? "${module.registry.urls["rest-proxy"]}:${local.versions.rest_proxy}" : var.rest_proxy_image
    health_check_path = "/health"
    } : {
    image             = var.kafka_rest_image
    health_check_path = "/v3/clusters"
  }

  all_topics = merge(
    { for topic in values(local.topics) : topic => { partitions = var.topic_partitions, replication_factor = local.copies, config = local.topic_config } },
    { (local.dead_letter_topic) = { partitions = 1, replication_factor = local.copies, config = local.dead_letter_topic_config } },
  )
  topic_config = {
    # A title may have 1 MB.
    "max.message.bytes" = tostring(local.max_message_bytes)
  }
  max_message_bytes = 2097152
  # A dead letter is a record with its error. The limit of a topic counts compressed bytes, that of a producer does not.
  max_dead_letter_bytes    = 4 * local.max_message_bytes
  dead_letter_topic_config = { "max.message.bytes" = tostring(local.max_dead_letter_bytes) }

  # How Java clients authenticate to MSK.
  kafka_client_properties = {
    "security.protocol"                  = "SASL_SSL"
    "sasl.mechanism"                     = "AWS_MSK_IAM"
    "sasl.jaas.config"                   = "software.amazon.msk.auth.iam.IAMLoginModule required;"
    "sasl.client.callback.handler.class" = "software.amazon.msk.auth.iam.IAMClientCallbackHandler"
  }
}

module "api" {
  source           = "../api"
  name             = var.user_id
  kafka_rest_url   = var.kafka_rest_url == null ? module.kafka_rest.url : var.kafka_rest_url
  vpc_link_id      = var.kafka_rest_url == null ? module.kafka_rest.vpc_link_id : null
  kinesis_role_arn = module.iam.kinesis_role_arn
  authorization    = var.api_authorization
  waf              = var.waf
  logging_role_arn = module.iam.api_logs_role_arn
  kms_key_arn      = module.kms.key_arn
  disposable       = var.disposable
}

module "kafka_rest" {
  source = "../kafka_rest"
  name   = local.names.rest_proxy
  image  = local.rest_proxy.image
  environment = {
    KAFKA_REST_BOOTSTRAP_SERVERS = module.msk.bootstrap_servers
    KAFKA_REST_IAM_REGION        = data.aws_region.current.name
    KAFKA_REST_HOST              = "0.0.0.0"
  }
  health_check_path                = local.rest_proxy.health_check_path
  cpu                              = local.size.rest_proxy_cpu
  memory                           = local.size.rest_proxy_memory
  min_tasks                        = local.size.rest_proxy_min_tasks
  max_tasks                        = local.size.rest_proxy_max_tasks
  vpc_id                           = module.network.vpc_id
  subnet_ids                       = local.subnets
  security_group_ids               = [local.groups["rest-proxy"]]
  load_balancer_security_group_ids = [local.groups["load-balancer"]]
  execution_role_arn               = module.iam.ecs_execution_role_arn
  task_role_arn                    = module.iam.rest_proxy_role_arn
  kms_key_arn                      = module.kms.key_arn
  disposable                       = var.disposable
}

module "msk" {
  source             = "../msk"
  name               = local.cluster_name
  kafka_version      = local.versions.kafka
  broker_type        = local.size.broker_type
  storage_gib        = local.size.broker_storage_gib
  storage_max_gib    = local.size.broker_storage_max_gib
  max_message_bytes  = local.max_message_bytes
  subnet_ids         = local.subnets
  security_group_ids = [local.groups["brokers"]]
  kms_key_arn        = module.kms.key_arn
}

module "kafka_client" {
  source             = "../kafka_client"
  name               = var.user_id
  instance_type      = local.size.kafka_client_type
  subnet_id          = local.subnets[0]
  security_group_ids = [local.groups["kafka-client"]]
  instance_profile   = module.iam.kafka_client_instance_profile
  bootstrap_servers  = module.msk.bootstrap_servers
  client_properties  = local.kafka_client_properties
  topics             = local.all_topics
  ssh_public_key     = var.ssh_public_key
  ssh_private_key    = var.ssh_private_key
  kms_key_arn        = module.kms.key_arn
  tools = {
    bucket  = module.storage.bucket
    key     = aws_s3_object.artifact["kafka-client"].key
    sha256  = filesha256(var.kafka_client_zip)
    version = local.versions.kafka
  }
}

# Users of the client's shell may call the API too.
resource "aws_iam_role_policy_attachment" "kafka_client_producer" {
  role       = module.iam.kafka_client_role_name
  policy_arn = module.api.producer_policy_arn
}

module "msk_connect" {
  source                = "../msk_connect"
  name                  = var.user_id
  kafka_connect_version = local.versions.kafka_connect
  connectors            = local.connectors
  worker_properties     = local.worker_properties
  bootstrap_servers     = module.msk.bootstrap_servers
  subnet_ids            = local.subnets
  security_group_ids    = [local.groups["connect"]]
  role_arn              = module.iam.connect_role_arn
  kms_key_arn           = module.kms.key_arn
  plugin = {
    bucket     = module.storage.bucket
    bucket_arn = module.storage.bucket_arn
    key        = aws_s3_object.artifact["plugin"].key
    version    = substr(filesha256(var.plugin_zip), 0, 8)
  }
}

module "streams" {
  source      = "../streams"
  names       = { for entity in local.entities : entity => "${var.user_id}-${entity}" }
  shards      = var.stream_shards
  kms_key_arn = module.kms.key_arn
}

data "aws_region" "current" {}

# --- Artifacts that are built on this machine, named by checksum ---------------------------------------------------

locals {
  artifacts_prefix = "artifacts"
  artifacts        = { plugin = var.plugin_zip, kafka-client = var.kafka_client_zip }
}

resource "aws_s3_object" "artifact" {
  for_each    = local.artifacts
  bucket      = module.storage.bucket
  key         = "${local.artifacts_prefix}/${each.key}-${substr(filesha256(each.value), 0, 16)}.zip"
  source      = each.value
  source_hash = filesha256(each.value)
  kms_key_id  = module.kms.key_arn
  depends_on  = [module.storage]
}
