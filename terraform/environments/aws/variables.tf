variable "region" {
  type        = string
  description = "Region of the estate."
}

# Variables of the estate, with its defaults and validations: see ../../modules/estate/README.md.

variable "user_id" {
  type        = string
  description = "Prefix of all names."
}

variable "size" {
  type        = string
  description = "Size of the estate: small or production."
  default     = "small"
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

variable "sink" {
  type = object({
    zip   = string
    class = string
  })
  description = "A sink to replace ours, e.g. Confluent's: the zip of its plugin and its connector class."
  default     = null
}

variable "cidr" {
  type        = string
  description = "IPv4 CIDR block of the VPC, from /16 to /22."
  default     = "10.40.0.0/16"
}

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

variable "jobs_image" {
  type        = string
  description = "Image of the Spark jobs for EMR Serverless; null: the release's image."
  default     = null
}

variable "airflow_engine" {
  type        = string
  description = "Where Airflow runs the jobs: emr or databricks. For databricks it gets internet access and further packages."
  default     = "emr"
}

variable "quality" {
  type = object({
    max_rejected_share = optional(number)
    max_age_hours      = optional(number)
  })
  description = "Quality thresholds: Airflow does not publish a load that rejected a larger share of a topic's records, or whose newest record is older."
  default     = {}
}

variable "databricks" {
  type = object({
    external_ids = set(string)
    job          = optional(string)
  })
  description = "Databricks: external ids of the Unity Catalog credentials that assume its role; name of the job, <user_id>-batch by default. null: no role."
  default     = null
}

variable "stream_shards" {
  type        = number
  description = "Shards per stream; null: on demand."
  default     = null
}

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
  description = "Allow deletion of everything, without a final snapshot."
  default     = false
}
