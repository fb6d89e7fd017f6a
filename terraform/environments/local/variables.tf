variable "user_id" {
  type        = string
  description = "Prefix of every name."
}

variable "region" {
  type        = string
  description = "Region that LocalStack plays."
}

variable "localstack_url" {
  type        = string
  description = "Address of LocalStack."
}

variable "kafka_rest_url" {
  type        = string
  description = "Address of the Kafka REST proxy."
}

variable "bootstrap_servers" {
  type        = string
  description = "Address of the broker."
}
