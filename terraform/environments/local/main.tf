# The estate on LocalStack. `make infra` passes the addresses of the running servers in and the outputs on.

module "estate" {
  source             = "../../modules/estate"
  user_id            = var.user_id
  region             = var.region
  kafka_rest_url     = var.kafka_rest_url
  bootstrap_servers  = var.bootstrap_servers
  topic_partitions   = 2
  replication_factor = 1
  rotate_interval_ms = 2000
  s3_endpoint_url    = var.localstack_url
  disposable         = true
}
