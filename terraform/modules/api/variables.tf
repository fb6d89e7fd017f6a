variable "name" {
  type        = string
  description = "Name of the API; also the prefix of its key, plan and secret."
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
    error_message = "kafka_rest_url must look like http://host:port, without a path or a slash at the end."
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

variable "disposable" {
  type        = bool
  description = "Delete the secret at once with the estate: for offline and test estates."
  default     = false
}
