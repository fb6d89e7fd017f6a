variable "name" {
  type        = string
  description = "Prefix of the names of the plugin, the worker configuration and the log group."
}

variable "plugin" {
  type = object({
    bucket     = string
    bucket_arn = string
    key        = string
    version    = string
  })
  description = "Zip of the plugin in S3; version: an identifier of its content, e.g. the start of its checksum."
}

variable "connectors" {
  type = map(object({
    description   = string
    configuration = map(string)
    mcu           = number
    max_workers   = number
  }))
  description = "Connectors by name: Kafka Connect configuration, MSK Connect units per worker, and maximum number of workers."
  validation {
    condition     = alltrue([for connector in values(var.connectors) : contains([1, 2, 4, 8], connector.mcu) && connector.max_workers >= 1 && connector.max_workers <= 10])
    error_message = "connectors: mcu must be 1, 2, 4 or 8, and max_workers from 1 to 10."
  }
  validation {
    condition     = alltrue([for connector in values(var.connectors) : contains(keys(connector.configuration), "connector.class")])
    error_message = "connectors: each configuration must have a connector.class."
  }
}

variable "worker_properties" {
  type        = map(string)
  description = "Properties of the workers; key.converter and value.converter are required."
  validation {
    condition     = alltrue([for key in ["key.converter", "value.converter"] : contains(keys(var.worker_properties), key)])
    error_message = "worker_properties must have key.converter and value.converter."
  }
}

variable "kafka_connect_version" {
  type        = string
  description = "Version of Kafka Connect, as MSK Connect names it."
  default     = "3.7.x"
}

variable "bootstrap_servers" {
  type        = string
  description = "Bootstrap servers for IAM clients: host:9098, comma-separated."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Private subnets of the workers."
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups of the workers."
}

variable "role_arn" {
  type        = string
  description = "Role of the workers."
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the logs."
}

variable "log_retention_days" {
  type        = number
  description = "Retention of the workers' logs in days."
  default     = 30
}
