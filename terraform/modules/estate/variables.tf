variable "user_id" {
  type        = string
  description = "Prefix of all names, e.g. of the topic <user_id>.pin."
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{2,30}[a-z0-9]$", var.user_id))
    error_message = "user_id must be 4 to 32 of a-z, 0-9 and -, neither beginning nor ending with -."
  }
}

variable "size" {
  type        = string
  description = "Size of the estate: small (to learn and try) or production. See sizes.json and docs/costs.md."
  default     = "small"
  validation {
    condition     = contains(keys(jsondecode(file("${path.module}/sizes.json"))), var.size)
    error_message = "size must be one of ${join(", ", keys(jsondecode(file("${path.module}/sizes.json"))))}."
  }
}

variable "cidr" {
  type        = string
  description = "IPv4 CIDR block of the VPC, from /16 to /22."
  default     = "10.40.0.0/16"
}

# --- Events ----------------------------------------------------------------------------------------------------------

variable "api_authorization" {
  type        = string
  description = "AWS_IAM: callers sign requests and have the key; NONE: callers only have the key."
  default     = "AWS_IAM"
}

variable "waf" {
  type        = bool
  description = "Protect the API with a web application firewall."
  default     = false
}

variable "kafka_rest_url" {
  type        = string
  description = "Base URL of a Kafka REST proxy that the API calls directly; null: the estate's own proxy, through its VPC link."
  default     = null
}

variable "rest_proxy_image" {
  type        = string
  description = "Image of the REST proxy by digest, written by `make push`; null: this release's tag in the estate's repository."
  default     = null
}

variable "kafka_rest_image" {
  type        = string
  description = "Image of Confluent's REST proxy (docker/kafka-rest) by digest, to replace ours; null: ours."
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
  description = "Shards per stream; null: on demand."
  default     = null
}

# --- Connectors ------------------------------------------------------------------------------------------------------

variable "plugin_zip" {
  type        = string
  description = "Zip of the sink's plugin: ours (mvn -f connect/pom.xml package), or Confluent's."
  validation {
    condition     = fileexists(var.plugin_zip)
    error_message = "plugin_zip does not exist: build ours with mvn -f connect/pom.xml package."
  }
}

variable "connector_class" {
  type        = string
  description = "Connector class in that zip."
  default     = "org.pinpipeline.connect.S3SinkConnector"
  nullable    = false
}

variable "kafka_client_zip" {
  type        = string
  description = "Zip with the jars of Kafka's tools and aws-msk-iam-auth for the Kafka client (.build/kafka-client.zip)."
  validation {
    condition     = fileexists(var.kafka_client_zip)
    error_message = "kafka_client_zip does not exist: build it with make setup."
  }
}

variable "flush_size" {
  type        = number
  description = "Maximum number of records per object."
  default     = 10000
  validation {
    condition     = var.flush_size >= 1
    error_message = "flush_size must be at least 1 record."
  }
}

variable "rotate_interval_ms" {
  type        = number
  description = "Milliseconds after which a partial object is written."
  default     = 60000
  validation {
    condition     = var.rotate_interval_ms >= 1000
    error_message = "rotate_interval_ms must be at least 1000."
  }
}

# --- Jobs ------------------------------------------------------------------------------------------------------------

variable "jobs_image" {
  type        = string
  description = "Image of the Spark jobs for EMR Serverless, based on its release's image; null: the release's image."
  default     = null
}

variable "airflow_folder" {
  type        = string
  description = "Folder with the files for Airflow: dags/pin_dag.py, requirements.txt and constraints-3.12.txt."
  validation {
    condition     = alltrue([for name in ["dags/pin_dag.py", "requirements.txt", "constraints-3.12.txt"] : fileexists("${var.airflow_folder}/${name}")])
    error_message = "airflow_folder must have dags/pin_dag.py, requirements.txt and constraints-3.12.txt."
  }
}

variable "airflow_engine" {
  type        = string
  description = "Where Airflow runs the jobs: emr or databricks. For databricks it gets internet access and further packages."
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
  description = "Quality thresholds: Airflow does not publish a load that rejected a larger share of a topic's records, or whose newest record is older."
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
  description = "Databricks: external ids of the Unity Catalog credentials that assume its role; name of the job, <user_id>-batch by default. null: no role."
  default     = null
  validation {
    condition     = var.databricks == null ? true : length(var.databricks.external_ids) > 0 && alltrue([for id in var.databricks.external_ids : can(regex("^[\\w+=,.@:/-]+$", id))])
    error_message = "databricks.external_ids must be the external ids of Databricks credentials, at least one."
  }
}

# --- People, protection ----------------------------------------------------------------------------------------------

variable "password_rotation_days" {
  type        = number
  description = "Days between rotations of the source database's password; null: every 7 days, the default of RDS."
  default     = null
}

variable "ssh_public_key" {
  type        = string
  description = "OpenSSH public key for the Kafka client; null: only Session Manager."
  default     = null
}

variable "ssh_private_key" {
  type        = string
  description = "The private key, to store in Parameter Store."
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "alarm_email" {
  type        = string
  description = "E-mail address for alarms."
  default     = null
}

variable "disposable" {
  type        = bool
  description = "Allow deletion of everything: for offline and test estates."
  default     = false
}
