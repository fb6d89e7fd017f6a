# The estate in an AWS account. `make infra ENV=aws` sets the first six variables; set others in terraform.tfvars.

module "estate" {
  source                 = "../../modules/estate"
  user_id                = var.user_id
  size                   = var.size
  plugin_zip             = var.sink == null ? var.plugin_zip : var.sink.zip
  connector_class        = var.sink == null ? null : var.sink.class
  kafka_client_zip       = var.kafka_client_zip
  airflow_folder         = var.airflow_folder
  cidr                   = var.cidr
  api_authorization      = var.api_authorization
  waf                    = var.waf
  rest_proxy_image       = var.rest_proxy_image
  kafka_rest_image       = var.kafka_rest_image
  jobs_image             = var.jobs_image
  airflow_engine         = var.airflow_engine
  quality                = var.quality
  databricks             = var.databricks
  stream_shards          = var.stream_shards
  password_rotation_days = var.password_rotation_days
  ssh_public_key         = var.ssh_public_key
  ssh_private_key        = var.ssh_private_key
  alarm_email            = var.alarm_email
  disposable             = var.disposable
}
