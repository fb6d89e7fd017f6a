variable "name" {
  type        = string
  description = "Name of the environment."
}

variable "airflow_version" {
  type        = string
  description = "Version of Airflow that MWAA offers."
  default     = "3.2.1"
}

variable "environment_class" {
  type        = string
  description = "Class of the environment, e.g. mw1.small."
  validation {
    condition     = contains(["mw1.micro", "mw1.small", "mw1.medium", "mw1.large", "mw1.xlarge", "mw1.2xlarge"], var.environment_class)
    error_message = "environment_class must be one of mw1.micro, mw1.small, mw1.medium, mw1.large, mw1.xlarge and mw1.2xlarge."
  }
}

variable "max_workers" {
  type        = number
  description = "Maximum number of workers; mw1.micro has one."
  validation {
    condition     = var.max_workers >= 1 && var.max_workers <= 25 && (var.environment_class != "mw1.micro" || var.max_workers == 1)
    error_message = "max_workers must be from 1 to 25, and 1 with mw1.micro."
  }
}

variable "configuration" {
  type        = map(string)
  description = "Airflow configuration options, e.g. core.default_timezone = utc. No secrets."
  default     = {}
}

variable "connections" {
  type        = set(string)
  description = "Ids of connections in Secrets Manager, e.g. databricks_default. Each gets a secret without a value."
  default     = []
}

variable "connections_prefix" {
  type        = string
  description = "Prefix of the names of these secrets, without a trailing slash."
  default     = "airflow/connections"
}

variable "bucket" {
  type        = string
  description = "Name of the bucket for DAGs and requirements."
}

variable "bucket_arn" {
  type        = string
  description = "ARN of that bucket, which must have versioning and block public access."
}

variable "dags" {
  type        = map(string)
  description = "Local path of each DAG file, by its name in the bucket."
}

variable "dags_prefix" {
  type        = string
  description = "Key prefix of the DAGs in the bucket."
  default     = "airflow/dags"
}

variable "requirements" {
  type        = string
  description = "Local path of the requirements.txt with further Python packages."
}

variable "constraints" {
  type        = string
  description = "Local path of the constraints that it refers to. They are uploaded next to the DAGs."
}

variable "install_requirements" {
  type        = bool
  description = "Let MWAA install the requirements, which needs internet access."
  default     = false
}

variable "role_arn" {
  type        = string
  description = "Execution role of the environment."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Two private subnets in different zones."
  validation {
    condition     = length(var.subnet_ids) == 2
    error_message = "subnet_ids must be two: MWAA requires exactly two."
  }
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups of the environment; one must allow traffic within the group."
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the environment, the objects and the secrets."
}

variable "disposable" {
  type        = bool
  description = "Delete the secrets immediately on destroy, not after 7 days."
  default     = false
}
