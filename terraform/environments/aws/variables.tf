variable "region" {
  type        = string
  description = "Region of the estate."
}

# The estate's own, with its defaults and refusals: see ../../modules/estate/README.md.

variable "user_id" {
  type        = string
  description = "Prefix of every name."
}

variable "size" {
  type        = string
  description = "How large everything is: small or production."
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
  description = "Folder with what Airflow gets."
}

variable "sink" {
  type = object({
    zip   = string
    class = string
  })
  description = "Another sink than ours, e.g. Confluent's: the zip of its plugin and the class of its connector."
  default     = null
}

variable "cidr" {
  type        = string
  description = "IPv4 block of the VPC, from /16 to /22."
  default     = "10.40.0.0/16"
}

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

variable "jobs_image" {
  type        = string
  description = "Image of the Spark jobs for EMR Serverless; null: the release's own."
  default     = null
}

variable "airflow_engine" {
  type        = string
  description = "Where Airflow runs the jobs: emr, or databricks, for which it gets a way to the internet and packages of its own."
  default     = "emr"
}

variable "quality" {
  type = object({
    max_rejected_share = optional(number)
    max_age_hours      = optional(number)
  })
  description = "When Airflow does not publish what was loaded: more than this share of a topic's records was rejected, or its newest record is older."
  default     = {}
}

variable "databricks" {
  type = object({
    external_ids = set(string)
    job          = optional(string)
  })
  description = "Databricks: external ids of the Unity Catalog credentials that take the role made for it; name of the job, unless it is <user_id>-batch. null: no such role."
  default     = null
}

variable "stream_shards" {
  type        = number
  description = "Shards of each stream; null: on demand."
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
  description = "Let everything be deleted without a second thought, and without a last snapshot."
  default     = false
}
