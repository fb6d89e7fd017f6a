variable "user_id" {
  type        = string
  description = "Prefix of the names of all roles."
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
  description = "Dead-letter topic."
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
  description = "Key prefix of landed objects, without a trailing slash."
}

variable "artifacts_prefix" {
  type        = string
  description = "Key prefix of the artifacts that Terraform uploads, without a trailing slash."
}

variable "spark_prefixes" {
  type        = list(string)
  description = "Key prefixes to which the Spark jobs write, without trailing slashes."
}

variable "result_prefixes" {
  type        = list(string)
  description = "Those of these prefixes that users who run the jobs may read."
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
  description = "ARNs of the repositories with images of the REST proxy."
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
  description = "ARN of the SNS topic for alarms, to which Airflow publishes too."
}

variable "connections_prefix" {
  type        = string
  description = "Prefix of the names of the secrets with Airflow's connections, without a trailing slash; null: none."
  default     = null
}

variable "databricks_external_ids" {
  type        = set(string)
  description = "External ids of the Unity Catalog credentials that assume the role for Databricks; empty: no role."
  default     = []
}
