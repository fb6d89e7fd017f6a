variable "user_id" {
  type        = string
  description = "What the names of all roles begin with."
}

variable "cluster_name" {
  type        = string
  description = "Name of the MSK cluster."
}

variable "topics" {
  type        = list(string)
  description = "Topics of events."
}

variable "dead_letter_topic" {
  type        = string
  description = "Topic of dead letters."
}

variable "stream_arns" {
  type        = list(string)
  description = "ARNs of the streams."
}

variable "bucket_arn" {
  type        = string
  description = "ARN of the pipeline's bucket."
}

variable "topics_prefix" {
  type        = string
  description = "Prefix below which the connectors land, without a slash at the end."
}

variable "artifacts_prefix" {
  type        = string
  description = "Prefix of what Terraform uploads, without a slash at the end."
}

variable "spark_prefixes" {
  type        = list(string)
  description = "Prefixes below which the Spark jobs write, without a slash at the end."
}

variable "result_prefixes" {
  type        = list(string)
  description = "Those of them that whoever runs the jobs may read."
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the estate's key."
}

variable "rest_proxy_name" {
  type        = string
  description = "Name of the REST proxy's service."
}

variable "rest_proxy_repository_arns" {
  type        = list(string)
  description = "ARNs of the repositories that the REST proxy's image may come from."
}

variable "airflow_name" {
  type        = string
  description = "Name of the Airflow environment."
}

variable "spark_application_arn" {
  type        = string
  description = "ARN of the EMR Serverless application."
}

variable "alarm_topic_arn" {
  type        = string
  description = "ARN of the topic that alarms go to, to which Airflow publishes too."
}

variable "connections_prefix" {
  type        = string
  description = "What the names of the secrets with Airflow's connections begin with, without a slash at the end; null: it has none."
  default     = null
}

variable "databricks_external_ids" {
  type        = set(string)
  description = "External ids of the Unity Catalog credentials that take Databricks' role; none: no such role."
  default     = []
}
