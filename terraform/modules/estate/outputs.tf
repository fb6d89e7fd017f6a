# All programs read these (pipeline/estate.py). None is a secret.

output "user_id" {
  description = "Prefix of all names."
  value       = var.user_id
}

output "region" {
  description = "AWS region."
  value       = data.aws_region.current.name
}

output "size" {
  description = "Size of the estate."
  value       = var.size
}

output "bucket" {
  description = "Bucket of landed events, tables and reports."
  value       = module.storage.bucket
}

output "topics" {
  description = "Topic of each entity."
  value       = local.topics
}

output "dead_letter_topic" {
  description = "Topic for records that the sink could not land."
  value       = local.dead_letter_topic
}

output "topic_partitions" {
  description = "Partitions of each entity's topic."
  value       = var.topic_partitions
}

output "topic_config" {
  description = "Configuration of each entity's topic."
  value       = local.topic_config
}

output "dead_letter_topic_config" {
  description = "Configuration of the dead-letter topic."
  value       = local.dead_letter_topic_config
}

output "topics_dir" {
  description = "Prefix under which the sink lands the topics."
  value       = local.topics_dir
}

output "streams" {
  description = "Kinesis stream of each entity."
  value       = module.streams.names
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
  description = "URL of the API."
  value       = module.api.invoke_url
}

output "api_authorization" {
  description = "AWS_IAM if requests must be signed, else NONE."
  value       = module.api.authorization
}

output "api_key_secret" {
  description = "Name of the secret with the API key."
  value       = module.api.api_key_secret
}

output "producer_policy_arn" {
  description = "ARN of the policy for producers."
  value       = module.api.producer_policy_arn
}

output "bootstrap_servers" {
  description = "Bootstrap servers for Kafka clients."
  value       = module.msk.bootstrap_servers
}

output "connectors" {
  description = "Configuration of each connector in MSK Connect."
  value       = module.msk_connect.configurations
}

output "worker_properties" {
  description = "Properties of the Connect workers."
  value       = local.worker_properties
}

output "kafka_client_instance_id" {
  description = "Id of the Kafka client: aws ssm start-session --target <id>."
  value       = module.kafka_client.instance_id
}

output "kafka_client_user_data" {
  description = "Script with which the Kafka client sets itself up and creates the topics."
  value       = module.kafka_client.user_data
}

output "database_address" {
  description = "Host name of the source database."
  value       = module.database.address
}

output "database_secret_arn" {
  description = "ARN of the secret with the source database's user and password."
  value       = module.database.password_secret_arn
}

output "spark_application_id" {
  description = "Id of the EMR Serverless application."
  value       = module.spark.application_id
}

output "spark_role_arn" {
  description = "ARN of the role of the Spark jobs."
  value       = module.iam.spark_role_arn
}

output "spark_entry_point" {
  description = "Entry point of a job run, in the jobs' image."
  value       = local.emr.entry_point
}

output "spark_parameters" {
  description = "Parameters of spark-submit for a job."
  value       = local.emr.spark_parameters
}

output "spark_log_uri" {
  description = "S3 URI of the logs of job runs."
  value       = local.emr.log_uri
}

output "run_jobs_policy_arn" {
  description = "ARN of the policy to run the jobs on EMR Serverless."
  value       = module.iam.run_jobs_policy_arn
}

output "estate_uri" {
  description = "S3 URI of the outputs that jobs on other platforms read."
  value       = "s3://${aws_s3_object.estate.bucket}/${aws_s3_object.estate.key}"
}

output "databricks_role_arn" {
  description = "ARN of the role for Unity Catalog's credentials; null unless `databricks` is set."
  value       = module.iam.databricks_role_arn
}

output "databricks_connection_secret" {
  description = "Name of the secret with Airflow's connection to Databricks; null unless Airflow runs the jobs there."
  value       = lookup(module.airflow.connection_secrets, "databricks_default", null)
}

output "airflow_object_versions" {
  description = "Version of each object for Airflow, by key: the DAG, the requirements and their constraints."
  value       = module.airflow.object_versions
}

output "airflow_name" {
  description = "Name of the Airflow environment."
  value       = module.airflow.name
}

output "airflow_webserver_url" {
  description = "Host name of Airflow's web server, resolvable in the VPC."
  value       = module.airflow.webserver_url
}

output "repositories" {
  description = "Repository URL of each image."
  value       = module.registry.urls
}

output "alarm_topic_arn" {
  description = "ARN of the SNS topic for alarms."
  value       = module.monitoring.alarm_topic_arn
}
