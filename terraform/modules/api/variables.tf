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
  description = "Base URL of the Kafka REST proxy, without a slash at the end."
  validation {
    condition     = can(regex("^https?://[^/]+$", var.kafka_rest_url))
    error_message = "kafka_rest_url must look like https://host:port, without a path or a slash at the end."
  }
}

variable "vpc_link_id" {
  type        = string
  description = "VPC link that leads to the proxy; null: its URL is reached as it stands."
  default     = null
}

variable "kinesis_role_arn" {
  type        = string
  description = "Role that the API acts as towards Kinesis; its policy says which streams may be written."
}

variable "authorization" {
  type        = string
  description = "AWS_IAM: requests are signed by callers that IAM allows in; NONE: the key alone lets in."
  default     = "AWS_IAM"
  validation {
    condition     = contains(["AWS_IAM", "NONE"], var.authorization)
    error_message = "authorization must be AWS_IAM or NONE."
  }
}

variable "rate_limit" {
  type        = number
  description = "Requests a second that a caller may keep up. With 500 records a request, 200 carry 100,000 records a second."
  default     = 200
}

variable "burst_limit" {
  type        = number
  description = "Requests that may come at once."
  default     = 400
}

variable "waf" {
  type        = bool
  description = "Put a web application firewall before the API."
  default     = false
}

variable "logging_role_arn" {
  type        = string
  description = "Role by which API Gateway writes logs."
}

variable "sets_account_logging" {
  type        = bool
  description = "Make that role the account's for this region, which has one for all its APIs; false: it has one already."
  default     = true
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the logs and the secret."
}

variable "log_retention_days" {
  type        = number
  description = "Days that the access log is kept."
  default     = 30
}

variable "disposable" {
  type        = bool
  description = "Delete the secret at once with the estate: for offline and test estates."
  default     = false
}
