variable "name" {
  type        = string
  description = "What the names of the instance and of its key pair begin with."
}

variable "instance_type" {
  type        = string
  description = "Type of the instance (x86)."
  default     = "t3.small"
}

variable "subnet_id" {
  type        = string
  description = "Private subnet of the instance."
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups of the instance."
}

variable "instance_profile" {
  type        = string
  description = "Instance profile of the instance."
}

variable "bootstrap_servers" {
  type        = string
  description = "Brokers as clients with IAM take them: host:9098, comma separated."
}

variable "tools" {
  type = object({
    bucket  = string
    key     = string
    sha256  = string
    version = string
  })
  description = "Zip in S3 with the jars of Kafka's tools, of the cluster's version, and of aws-msk-iam-auth; and its SHA-256."
}

variable "client_properties" {
  type        = map(string)
  description = "What client.properties holds: how clients authenticate."
}

variable "topics" {
  type = map(object({
    partitions         = number
    replication_factor = number
    config             = map(string)
  }))
  description = "Topics to make, by name."
}

variable "ssh_public_key" {
  type        = string
  description = "OpenSSH public key of a key pair, null for none: Session Manager needs none."
  default     = null
  validation {
    condition     = var.ssh_public_key == null ? true : can(regex("^(ssh-ed25519|ssh-rsa) ", var.ssh_public_key))
    error_message = "ssh_public_key must be a line that begins with ssh-ed25519 or ssh-rsa, as ssh-keygen writes it into the .pub file."
  }
}

variable "ssh_private_key" {
  type        = string
  description = "Private half of the key pair: kept in Parameter Store, in no state and no plan."
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the disk and the private key."
}
