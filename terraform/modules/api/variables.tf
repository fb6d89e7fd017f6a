variable "name" {
  type        = string
  description = "Name of the API; also the prefix of its key, plan, policy and secret."
}

variable "stage" {
  type        = string
  description = "Name of the stage."
  default     = "prod"
}

variable "kafka_rest_url" {
  type        = string
  description = "Base URL of the Kafka REST proxy, without a trailing slash."
  validation {
    condition     = can(regex("^https?://[^/]+$", var.kafka_rest_url))
    error_message = "kafka_rest_url must look like https://host:port, without a path or a trailing slash."
  }
}

variable "vpc_link_id" {
  type        = string
  description = "VPC link to the proxy; null: the API calls the URL directly."
  default     = null
}

variable "kinesis_role_arn" {
  type        = string
  description = "Role with which the API calls Kinesis; its policy limits the streams."
}

variable "authorization" {
  type        = string
  description = "AWS_IAM: callers sign requests and have the key; NONE: callers only have the key."
  default     = "AWS_IAM"
  validation {
    condition     = contains(["AWS_IAM", "NONE"], var.authorization)
    error_message = "authorization must be AWS_IAM or NONE."
  }
}

variable "rate_limit" {
  type        = number
  description = "Steady requests per second per caller. With 500 records per request, 200 carry 100,000 records per second."
  default     = 200
}

variable "burst_limit" {
  type        = number
  description = "Burst limit of requests."
  default     = 400
}

variable "waf" {
  type        = bool
  description = "Protect the API with a web application firewall."
  default     = false
}

variable "logging_role_arn" {
  type        = string
  description = "Role with which API Gateway writes logs."
}

variable "sets_account_logging" {
  type        = bool
  description = "Set that role for the account in this region, which has one for all APIs; false: leave the account as it is."
  default     = true
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the logs and the secret."
}

variable "log_retention_days" {
  type        = number
  description = "Retention of the access log in days."
  default     = 30
}

variable "disposable" {
  type        = bool
  description = "Delete the secret immediately on destroy: for offline and test estates."
  default     = false
}
