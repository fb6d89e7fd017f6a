variable "user_id" {
  type        = string
  description = "Prefix of all names."
}

variable "size" {
  type        = string
  description = "Size of the estate."
  default     = "small"
}

variable "region" {
  type        = string
  description = "Emulated region."
}

variable "localstack_url" {
  type        = string
  description = "Address of LocalStack."
}

variable "control_plane_url" {
  type        = string
  description = "Address of the offline AWS control plane."
}

variable "kafka_rest_url" {
  type        = string
  description = "Address of the Kafka REST proxy."
}

variable "flush_size" {
  type        = number
  description = "Maximum number of records per object."
  default     = 10000
}

variable "plugin_zip" {
  type        = string
  description = "Zip of the sink's plugin."
}

variable "kafka_client_zip" {
  type        = string
  description = "Zip with the tools of the Kafka client."
}

variable "airflow_folder" {
  type        = string
  description = "Folder with the files for Airflow."
}
