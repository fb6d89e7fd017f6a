variable "user_id" {
  type        = string
  description = "Prefix of every name, e.g. of the topic <user_id>.pin."
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{2,30}[a-z0-9]$", var.user_id))
    error_message = "user_id must be 4 to 32 of a-z, 0-9 and -, neither beginning nor ending with -."
  }
}

variable "region" {
  type        = string
  description = "AWS region."
}

variable "kafka_rest_url" {
  type        = string
  description = "Base URL of the Kafka REST proxy, without a slash at the end."
}

variable "bootstrap_servers" {
  type        = string
  description = "Brokers as Kafka clients take them: host:port, comma separated."
}

variable "topic_partitions" {
  type        = number
  description = "Partitions of each of the three topics."
  default     = 3
}

variable "replication_factor" {
  type        = number
  description = "Replicas of each topic."
  default     = 3
}

variable "flush_size" {
  type        = number
  description = "Records an object at most."
  default     = 10000
  validation {
    condition     = var.flush_size >= 1
    error_message = "flush_size must be at least 1 record."
  }
}

variable "rotate_interval_ms" {
  type        = number
  description = "Milliseconds after which a partial object is written all the same."
  default     = 60000
}

variable "s3_endpoint_url" {
  type        = string
  description = "Endpoint of S3 for the connectors where it is not AWS's own."
  default     = null
}

variable "disposable" {
  type        = bool
  description = "Let everything be deleted without a second thought: for offline and test estates."
  default     = false
}
