variable "user_id" {
  type        = string
  description = "Prefix of every name, e.g. of the topic <user_id>.pin."
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{2,30}[a-z0-9]$", var.user_id))
    error_message = "user_id must be 4 to 32 of a-z, 0-9 and -, neither beginning nor ending with -."
  }
}

variable "size" {
  type        = string
  description = "How large everything is: small (to learn and to try) or production. See sizes.json and docs/costs.md."
  default     = "small"
  validation {
    condition     = contains(keys(jsondecode(file("${path.module}/sizes.json"))), var.size)
    error_message = "size must be one of ${join(", ", keys(jsondecode(file("${path.module}/sizes.json"))))}."
  }
}

variable "cidr" {
  type        = string
  description = "IPv4 block of the VPC, from /16 to /22."
  default     = "10.40.0.0/16"
}

# --- Events ----------------------------------------------------------------------------------------------------------

variable "api_authorization" {
  type        = string
  description = "AWS_IAM: who sends must sign and have the key; NONE: the key alone lets in."
  default     = "AWS_IAM"
}

variable "waf" {
  type        = bool
  description = "Put a web application firewall before the API."
  default     = false
}

variable "kafka_rest_url" {
  type        = string
  description = "Base URL of a Kafka REST proxy to use in place of the estate's own behind its VPC link; null: the estate's own."
  default     = null
}

variable "rest_proxy_image" {
  type        = string
  description = "Image of the REST proxy by digest, as `make push` writes it; null, before there is one: this release's tag in the estate's repository."
  default     = null
}

variable "kafka_rest_image" {
  type        = string
  description = "Image of Confluent's REST proxy (docker/kafka-rest) to run in place of ours, by digest; null: ours."
  default     = null
}

variable "topic_partitions" {
  type        = number
  description = "Partitions of each of the three topics."
  default     = 3
  validation {
    condition     = var.topic_partitions >= 1
    error_message = "topic_partitions must be at least 1."
  }
}

variable "stream_shards" {
  type        = number
  description = "Shards of each stream; null: on demand."
  default     = null
}

# --- Connectors ------------------------------------------------------------------------------------------------------

variable "plugin_zip" {
  type        = string
  description = "Zip of the sink's plugin: ours (mvn -f connect/pom.xml package), or Confluent's."
  validation {
    condition     = fileexists(var.plugin_zip)
    error_message = "plugin_zip is no file: build ours with mvn -f connect/pom.xml package."
  }
}

variable "connector_class" {
  type        = string
  description = "Class of the sink in that zip."
  default     = "org.pinpipeline.connect.S3SinkConnector"
  nullable    = false
}

variable "kafka_client_zip" {
  type        = string
  description = "Zip with the jars of Kafka's tools and aws-msk-iam-auth for the Kafka client (.build/kafka-client.zip)."
  validation {
    condition     = fileexists(var.kafka_client_zip)
    error_message = "kafka_client_zip is no file: make setup builds it."
  }
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
  validation {
    condition     = var.rotate_interval_ms >= 1000
    error_message = "rotate_interval_ms must be at least 1000."
  }
}

# --- Jobs, people, protection ----------------------------------------------------------------------------------------

variable "jobs_image" {
  type        = string
  description = "Image of the Spark jobs for EMR Serverless, built on its release's own; null: the release's own."
  default     = null
}

variable "password_rotation_days" {
  type        = number
  description = "Days after which the source database's password is changed; null: every 7 days, as RDS does by itself."
  default     = null
}

variable "ssh_public_key" {
  type        = string
  description = "OpenSSH public key for the Kafka client; null: Session Manager alone."
  default     = null
}

variable "ssh_private_key" {
  type        = string
  description = "Its private half, to be kept in Parameter Store."
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "alarm_email" {
  type        = string
  description = "Address that alarms are sent to."
  default     = null
}

variable "disposable" {
  type        = bool
  description = "Let everything be deleted without a second thought: for offline and test estates."
  default     = false
}
