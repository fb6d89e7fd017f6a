variable "name" {
  type        = string
  description = "Name of the cluster."
}

variable "kafka_version" {
  type        = string
  description = "MSK's version of Kafka; one that ends in .kraft runs without ZooKeeper."
  validation {
    condition     = can(regex("^[34]\\.[0-9]+\\.x(\\.kraft)?$", var.kafka_version)) && (endswith(var.kafka_version, ".kraft") || startswith(var.kafka_version, "4."))
    error_message = "kafka_version must be an MSK version in KRaft mode, e.g. 4.1.x.kraft."
  }
}

variable "broker_type" {
  type        = string
  description = "Instance type of the brokers, e.g. kafka.m7g.large. KRaft clusters from 3.9 on do not accept t3."
  validation {
    condition     = startswith(var.broker_type, "kafka.")
    error_message = "broker_type must be an MSK instance type, e.g. kafka.m7g.large."
  }
}

variable "subnet_ids" {
  type        = list(string)
  description = "Private subnets in different zones, one per broker."
  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must be at least two, in different zones: a single broker may lose its data."
  }
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups of the brokers."
}

variable "storage_gib" {
  type        = number
  description = "Initial GiB of storage per broker."
  validation {
    condition     = var.storage_gib >= 1 && var.storage_gib <= 16384
    error_message = "storage_gib must be from 1 to 16384."
  }
}

variable "storage_max_gib" {
  type        = number
  description = "GiB per broker up to which autoscaling extends the storage."
  validation {
    condition     = var.storage_max_gib >= var.storage_gib && var.storage_max_gib <= 16384
    error_message = "storage_max_gib must be from storage_gib to 16384."
  }
}

variable "max_message_bytes" {
  type        = number
  description = "Bytes of the largest batch of records that brokers accept."
  default     = 2097152
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the volumes and the logs."
}

variable "log_retention_days" {
  type        = number
  description = "Retention of the brokers' logs in days."
  default     = 30
}
