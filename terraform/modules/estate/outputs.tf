# Everything that runs reads these (pipeline/estate.py); no secret is among them.

output "user_id" {
  description = "Prefix of every name."
  value       = var.user_id
}

output "region" {
  description = "AWS region."
  value       = var.region
}

output "bucket" {
  description = "Bucket of landed events, tables and checkpoints."
  value       = module.storage.bucket
}

output "topics" {
  description = "Topic of each entity."
  value       = local.topics
}

output "dead_letter_topic" {
  description = "Topic of the records that the sink could not land."
  value       = local.dead_letter_topic
}

output "topic_partitions" {
  description = "Partitions of each entity's topic."
  value       = var.topic_partitions
}

output "topic_config" {
  description = "Configuration of each topic."
  value = {
    # A title of 1 MB is a record like any other.
    "max.message.bytes" = "2097152"
  }
}

output "topics_dir" {
  description = "Prefix under which the sink lands the topics."
  value       = local.topics_dir
}

output "rest_api_id" {
  description = "Id of the REST API."
  value       = module.api.rest_api_id
}

output "stage" {
  description = "Stage of the REST API."
  value       = module.api.stage
}

output "invoke_url" {
  description = "URL to POST to."
  value       = module.api.invoke_url
}

output "api_key_secret" {
  description = "Name of the secret that holds the API's key."
  value       = module.api.api_key_secret
}

output "bootstrap_servers" {
  description = "Brokers as Kafka clients take them."
  value       = var.bootstrap_servers
}

output "connectors" {
  description = "Configuration of each connector."
  value       = local.connectors
}
