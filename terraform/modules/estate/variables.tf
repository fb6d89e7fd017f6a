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

# --- Jobs ------------------------------------------------------------------------------------------------------------

variable "jobs_image" {
  type        = string
  description = "Image of the Spark jobs for EMR Serverless, built on its release's own; null: the release's own."
  default     = null
}

variable "airflow_folder" {
  type        = string
  description = "Folder with what Airflow gets: dags/pin_dag.py, requirements.txt and constraints-3.12.txt."
  validation {
    condition     = alltrue([for name in ["dags/pin_dag.py", "requirements.txt", "constraints-3.12.txt"] : fileexists("${var.airflow_folder}/${name}")])
    error_message = "airflow_folder must have dags/pin_dag.py, requirements.txt and constraints-3.12.txt."
  }
}

variable "airflow_engine" {
  type        = string
  description = "Where Airflow runs the jobs: emr, or databricks, for which it gets a way to the internet and packages of its own."
  default     = "emr"
  validation {
    condition     = contains(["emr", "databricks"], var.airflow_engine)
    error_message = "airflow_engine must be emr or databricks."
  }
}

variable "quality" {
  type = object({
    max_rejected_share = optional(number, 0.05)
    max_age_hours      = optional(number, 36)
  })
  description = "When Airflow does not publish what was loaded: more than this share of a topic's records was rejected, or its newest record is older."
  default     = {}
  nullable    = false
  validation {
    condition     = var.quality.max_rejected_share >= 0 && var.quality.max_rejected_share <= 1
    error_message = "quality.max_rejected_share must be from 0 to 1."
  }
  validation {
    condition     = var.quality.max_age_hours > 0
    error_message = "quality.max_age_hours must be more than 0."
  }
}

variable "databricks" {
  type = object({
    external_ids = set(string)
    job          = optional(string)
  })
  description = "Databricks: external ids of the Unity Catalog credentials that take the role made for it; name of the job, unless it is <user_id>-batch. null: no such role."
  default     = null
  validation {
    condition     = var.databricks == null ? true : length(var.databricks.external_ids) > 0 && alltrue([for id in var.databricks.external_ids : can(regex("^[\\w+=,.@:/-]+$", id))])
    error_message = "databricks.external_ids must be what Databricks gave its credentials, at least one."
  }
}

# --- People, protection ----------------------------------------------------------------------------------------------

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
