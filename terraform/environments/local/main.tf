# The offline estate. `make infra` sets the addresses of the running servers and saves the outputs.

module "estate" {
  source             = "../../modules/estate"
  user_id            = var.user_id
  size               = var.size
  plugin_zip         = var.plugin_zip
  kafka_client_zip   = var.kafka_client_zip
  airflow_folder     = var.airflow_folder
  kafka_rest_url     = var.kafka_rest_url # LocalStack has no VPC links
  topic_partitions   = 2
  flush_size         = var.flush_size
  rotate_interval_ms = 2000
  stream_shards      = 2 # two are enough to see keys spread over shards
  disposable         = true
}
