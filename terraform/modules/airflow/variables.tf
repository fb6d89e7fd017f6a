variable "name" {
  type        = string
  description = "Name of the environment."
}

variable "airflow_version" {
  type        = string
  description = "Version of Airflow, as MWAA offers it."
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
  description = "Workers at most; mw1.micro has one."
  validation {
    condition     = var.max_workers >= 1 && var.max_workers <= 25 && (var.environment_class != "mw1.micro" || var.max_workers == 1)
    error_message = "max_workers must be from 1 to 25, and 1 with mw1.micro."
  }
}

variable "configuration" {
  type        = map(string)
  description = "Options of Airflow, e.g. core.default_timezone = utc. No secrets."
  default     = {}
}

variable "connections" {
  type        = set(string)
  description = "Ids of the connections that Airflow finds in Secrets Manager, e.g. databricks_default: a secret is made for each, without a value."
  default     = []
}

variable "connections_prefix" {
  type        = string
  description = "What the names of these secrets begin with, without a slash at the end."
  default     = "airflow/connections"
}

variable "bucket" {
  type        = string
  description = "Name of the bucket that DAGs and requirements are uploaded to."
}

variable "bucket_arn" {
  type        = string
  description = "Its ARN; it keeps versions and is closed to the public."
}

variable "dags" {
  type        = map(string)
  description = "Path of each DAG's file, by the name that it gets in the bucket."
}

variable "dags_prefix" {
  type        = string
  description = "Prefix of the DAGs in the bucket."
  default     = "airflow/dags"
}

variable "requirements" {
  type        = string
  description = "Path of the requirements.txt with the Python packages that MWAA lacks."
}

variable "constraints" {
  type        = string
  description = "Path of the constraints that it names. They lie with the DAGs, where it finds them."
}

variable "install_requirements" {
  type        = bool
  description = "Have MWAA install them, which needs a way to the internet."
  default     = false
}

variable "role_arn" {
  type        = string
  description = "Role that the environment acts as."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Two private subnets in different zones."
  validation {
    condition     = length(var.subnet_ids) == 2
    error_message = "subnet_ids must be two: MWAA asks for exactly two."
  }
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups of the environment; one of them must let the environment's parts reach each other."
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts what Airflow stores, the objects and the secrets."
}

variable "disposable" {
  type        = bool
  description = "Delete the secrets at once when they are destroyed, rather than after 7 days."
  default     = false
}
