# Where the jobs run, and what starts them.

locals {
  on_databricks = var.airflow_engine == "databricks"
  logs_prefix   = "logs"

  # Parameters of a job run on EMR Serverless, for `make batch` and for Airflow.
  emr = {
    application_id   = module.spark.application_id
    role_arn         = module.iam.spark_role_arn
    entry_point      = "local:///opt/pipeline/main.py" # in the jobs' image
    spark_parameters = module.spark.submit_parameters
    log_uri          = "s3://${module.storage.bucket}/${local.logs_prefix}/spark/"
  }

  # The DAG reads these from section "pin" of Airflow's configuration.
  airflow_configuration = {
    "pin.user_id"            = var.user_id
    "pin.bucket"             = module.storage.bucket
    "pin.engine"             = var.airflow_engine
    "pin.emr"                = jsonencode(local.emr)
    "pin.databricks_job"     = try(coalesce(var.databricks.job), "${var.user_id}-batch")
    "pin.alarm_topic_arn"    = module.monitoring.alarm_topic_arn
    "pin.max_rejected_share" = tostring(var.quality.max_rejected_share)
    "pin.max_age_hours"      = tostring(var.quality.max_age_hours)
  }
  connections_prefix = "${var.user_id}/airflow/connections"

  # The outputs that jobs on other platforms read (pipeline/estate.py). None is a secret.
  estate_key = "${local.artifacts_prefix}/estate.json"
  estate = {
    user_id                  = var.user_id
    region                   = data.aws_region.current.name
    bucket                   = module.storage.bucket
    topics                   = local.topics
    dead_letter_topic        = local.dead_letter_topic
    topic_partitions         = var.topic_partitions
    topic_config             = local.topic_config
    dead_letter_topic_config = local.dead_letter_topic_config
    topics_dir               = local.topics_dir
    streams                  = module.streams.names
    invoke_url               = module.api.invoke_url
    api_authorization        = module.api.authorization
    api_key_secret           = module.api.api_key_secret
    bootstrap_servers        = module.msk.bootstrap_servers
    connectors               = {}
  }
}

module "spark" {
  source             = "../spark"
  name               = "${var.user_id}-spark"
  release_label      = local.versions.emr
  image              = var.jobs_image
  max_vcpu           = local.size.spark_max_vcpu
  subnet_ids         = local.subnets
  security_group_ids = [local.groups["spark"]]
}

resource "aws_s3_object" "estate" {
  bucket       = module.storage.bucket
  key          = local.estate_key
  content      = jsonencode(local.estate)
  content_type = "application/json"
  kms_key_id   = module.kms.key_arn
  depends_on   = [module.storage]
}

module "airflow" {
  source               = "../airflow"
  name                 = local.names.airflow
  airflow_version      = local.versions.airflow
  environment_class    = local.size.airflow_class
  max_workers          = local.size.airflow_max_workers
  configuration        = local.airflow_configuration
  connections          = local.on_databricks ? ["databricks_default"] : []
  connections_prefix   = local.connections_prefix
  bucket               = module.storage.bucket
  bucket_arn           = module.storage.bucket_arn
  dags                 = { "${var.user_id}_dag.py" = "${var.airflow_folder}/dags/pin_dag.py" }
  requirements         = "${var.airflow_folder}/requirements.txt"
  constraints          = "${var.airflow_folder}/constraints-3.12.txt"
  install_requirements = local.on_databricks
  role_arn             = module.iam.airflow_role_arn
  subnet_ids           = slice(local.subnets, 0, 2)
  security_group_ids   = [local.groups["airflow"]]
  kms_key_arn          = module.kms.key_arn
  disposable           = var.disposable
  # MWAA requires the bucket's versioning and public access block, and installs through the network.
  depends_on = [module.network, module.storage]
}
