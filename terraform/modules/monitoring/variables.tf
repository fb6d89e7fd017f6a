variable "name" {
  type        = string
  description = "Prefix of the alarms' names, and name of the dashboard."
}

variable "email" {
  type        = string
  description = "E-mail address for alarms, which its owner must confirm; null: no subscription."
  default     = null
  validation {
    condition     = var.email == null ? true : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.email))
    error_message = "email must be an address such as me@example.org, or null."
  }
}

variable "api_name" {
  type        = string
  description = "Name of the REST API."
}

variable "api_access_log_group" {
  type        = string
  description = "Log group of the API's access log, in JSON with a status."
}

variable "rest_proxy_service" {
  type        = string
  description = "Name of the REST proxy's ECS service and cluster."
}

variable "cluster_name" {
  type        = string
  description = "Name of the MSK cluster."
}

variable "topics" {
  type        = list(string)
  description = "Topics of events."
}

variable "connectors" {
  type        = list(string)
  description = "Names of all connectors."
}

variable "event_connector" {
  type        = string
  description = "The connector that lands the events."
}

variable "dead_letter_connector" {
  type        = string
  description = "The connector that lands the dead letters."
}

variable "lag_records" {
  type        = number
  description = "Consumer lag of the sink that raises an alarm, in records per topic."
  default     = 100000
}

variable "streams" {
  type        = list(string)
  description = "Names of the streams."
}

variable "database_identifier" {
  type        = string
  description = "Name of the source database's instance."
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the alarms' topic; its policy must allow CloudWatch."
}
