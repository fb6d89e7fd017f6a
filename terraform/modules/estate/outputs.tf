# Everything that runs reads these (pipeline/estate.py); no secret is among them.

output "user_id" {
  description = "Prefix of every name."
  value       = var.user_id
}

output "region" {
  description = "AWS region."
  value       = data.aws_region.current.name
}

output "size" {
  description = "How large everything is."
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
  description = "Topic of the records that the sink could not land."
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
  description = "URL to send to."
  value       = module.api.invoke_url
}

output "api_authorization" {
  description = "AWS_IAM when requests must be signed, else NONE."
  value       = module.api.authorization
}

output "api_key_secret" {
  description = "Name of the secret that holds the API's key."
  value       = module.api.api_key_secret
}

output "producer_policy_arn" {
  description = "ARN of the policy for those who send events."
  value       = module.api.producer_policy_arn
}

output "bootstrap_servers" {
  description = "Brokers as Kafka clients take them."
  value       = module.msk.bootstrap_servers
}

output "connectors" {
  description = "Configuration of each connector, as MSK Connect has it."
  value       = module.msk_connect.configurations
}

output "worker_properties" {
  description = "Properties of the Connect workers."
  value       = local.worker_properties
}

output "kafka_client_instance_id" {
  description = "Kafka client: aws ssm start-session --target <id>."
  value       = module.kafka_client.instance_id
}

output "kafka_client_user_data" {
  description = "The script by which the Kafka client sets itself up and makes the topics."
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
  description = "What a job run starts with, in the jobs' image."
  value       = local.emr.entry_point
}

output "spark_parameters" {
  description = "What spark-submit is told of a job."
  value       = local.emr.spark_parameters
}

output "spark_log_uri" {
  description = "Where job runs log to."
  value       = local.emr.log_uri
}

output "run_jobs_policy_arn" {
  description = "ARN of the policy for those who run the jobs on EMR Serverless."
  value       = module.iam.run_jobs_policy_arn
}

output "estate_uri" {
  description = "Object with those of these outputs that the jobs read where they have nothing else."
  value       = "s3://${aws_s3_object.estate.bucket}/${aws_s3_object.estate.key}"
}

output "databricks_role_arn" {
  description = "ARN of the role for Unity Catalog's credentials; null unless `databricks` is set."
  value       = module.iam.databricks_role_arn
}

output "databricks_connection_secret" {
  description = "Name of the secret that Airflow reads its connection to Databricks from; null unless it runs the jobs there."
  value       = lookup(module.airflow.connection_secrets, "databricks_default", null)
}

output "airflow_object_versions" {
  description = "Version of each object that Airflow got, by its key: the DAG, the requirements and their constraints."
  value       = module.airflow.object_versions
}

output "airflow_name" {
  description = "Name of the Airflow environment."
  value       = module.airflow.name
}

output "airflow_webserver_url" {
  description = "Host name of Airflow's web server, within the VPC."
  value       = module.airflow.webserver_url
}

output "repositories" {
  description = "URL of the repository of each image."
  value       = module.registry.urls
}

output "alarm_topic_arn" {
  description = "ARN of the topic that alarms go to."
  value       = module.monitoring.alarm_topic_arn
}
