variable "name" {
  type        = string
  description = "Prefix of the names of the instance and its key pair."
}

variable "instance_type" {
  type        = string
  description = "Instance type (x86)."
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
  description = "Bootstrap servers for IAM clients: host:9098, comma-separated."
}

variable "tools" {
  type = object({
    bucket  = string
    key     = string
    sha256  = string
    version = string
  })
  description = "Zip in S3 with the jars of Kafka's tools, in the cluster's version, and of aws-msk-iam-auth; and its SHA-256."
}

variable "client_properties" {
  type        = map(string)
  description = "Content of client.properties: how clients authenticate."
}

variable "topics" {
  type = map(object({
    partitions         = number
    replication_factor = number
    config             = map(string)
  }))
  description = "Topics to create, by name."
}

variable "ssh_public_key" {
  type        = string
  description = "OpenSSH public key of a key pair; null: no key pair, which Session Manager does not need."
  default     = null
  validation {
    condition     = var.ssh_public_key == null ? true : can(regex("^(ssh-ed25519|ssh-rsa) ", var.ssh_public_key))
    error_message = "ssh_public_key must be a line that begins with ssh-ed25519 or ssh-rsa, as in the .pub file of ssh-keygen."
  }
}

variable "ssh_private_key" {
  type        = string
  description = "Private key of the key pair: stored in Parameter Store, and neither in state nor in plans."
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the disk and the private key."
}
