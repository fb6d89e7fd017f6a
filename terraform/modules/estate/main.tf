# One complete pipeline. Each environment calls this module and adds only its provider, size and state.

data "aws_availability_zones" "this" {
  #checkov:skip=CKV_AWS_394:The first three by name are used; new zones have later names
  state            = "available"
  exclude_zone_ids = ["use1-az3"] # MSK has no brokers there
}

locals {
  copies  = min(3, length(data.aws_availability_zones.this.names)) # of data in several zones: some regions have only two
  size    = jsondecode(file("${path.module}/sizes.json"))[var.size]
  zones   = slice(sort(data.aws_availability_zones.this.names), 0, local.copies)
  names   = { airflow = "airflow-${var.user_id}", rest_proxy = trimsuffix(substr("${var.user_id}-rest-proxy", 0, 32), "-") }
  subnets = module.network.subnet_ids
  groups  = module.network.security_group_ids

  # The services that each component calls from the VPC, besides S3 with its gateway endpoint. With these endpoints the
  # estate needs neither a NAT gateway nor public addresses, unless Airflow calls Databricks.
  endpoints = {
    airflow      = ["airflow.api", "airflow.env", "ecr.api", "ecr.dkr", "emr-serverless", "kms", "logs", "monitoring", "sns", "sqs"]
    kafka_client = ["ssm", "ssmmessages"]
    rest_proxy   = ["ecr.api", "ecr.dkr", "logs"]
    spark        = ["kinesis-streams", "logs"]
  }
}

module "kms" {
  source     = "../kms"
  name       = var.user_id
  disposable = var.disposable
}

module "network" {
  source              = "../network"
  name                = var.user_id
  cidr                = var.cidr
  zones               = local.zones
  interface_endpoints = toset(flatten(values(local.endpoints)))
  endpoint_zones      = min(local.size.endpoint_zones, local.copies)
  internet_users      = local.on_databricks ? ["airflow"] : []
}

module "storage" {
  source        = "../storage"
  bucket        = "user-${var.user_id}-bucket"
  topics_prefix = local.topics_dir
  logs_prefix   = local.logs_prefix
  kms_key_arn   = module.kms.key_arn
  disposable    = var.disposable
}

module "registry" {
  source                      = "../registry"
  name                        = var.user_id
  repositories                = ["emulator", "jobs", "kafka-client", "kafka-rest", "rest-proxy"]
  emr_serverless_repositories = ["jobs"]
  kms_key_arn                 = module.kms.key_arn
  disposable                  = var.disposable
}

module "iam" {
  source            = "../iam"
  user_id           = var.user_id
  cluster_name      = local.cluster_name
  topics            = values(local.topics)
  dead_letter_topic = local.dead_letter_topic
  stream_arns       = values(module.streams.arns)
  bucket_arn        = module.storage.bucket_arn
  topics_prefix     = local.topics_dir
  artifacts_prefix  = local.artifacts_prefix
  spark_prefixes    = ["tables", "progress", "checkpoints", "report", local.logs_prefix]
  result_prefixes   = ["report", local.logs_prefix]
  kms_key_arn       = module.kms.key_arn
  rest_proxy_name   = local.names.rest_proxy
  # Both images, so that switching from one proxy to the other can be undone.
  rest_proxy_repository_arns = [module.registry.arns["rest-proxy"], module.registry.arns["kafka-rest"]]
  airflow_name               = local.names.airflow
  spark_application_arn      = module.spark.application_arn
  alarm_topic_arn            = module.monitoring.alarm_topic_arn
  connections_prefix         = local.on_databricks ? local.connections_prefix : null
  databricks_external_ids    = var.databricks == null ? [] : var.databricks.external_ids
}

module "database" {
  source                 = "../database"
  name                   = "source-${trim(replace(var.user_id, "/-+/", "-"), "-")}"
  instance_class         = local.size.database_class
  storage_gib            = local.size.database_storage_gib
  multi_az               = local.size.database_multi_az
  password_rotation_days = var.password_rotation_days
  subnet_ids             = local.subnets
  security_group_ids     = [local.groups["database"]]
  kms_key_arn            = module.kms.key_arn
  disposable             = var.disposable
}

module "monitoring" {
  source                = "../monitoring"
  name                  = var.user_id
  email                 = var.alarm_email
  api_name              = var.user_id
  api_access_log_group  = module.api.access_log_group
  rest_proxy_service    = module.kafka_rest.service_name
  cluster_name          = module.msk.name
  topics                = values(local.topics)
  connectors            = keys(local.connectors)
  event_connector       = local.event_connector
  dead_letter_connector = local.dead_letter_connector
  streams               = values(module.streams.names)
  database_identifier   = module.database.identifier
  kms_key_arn           = module.kms.key_arn
}
