variable "name" {
  type        = string
  description = "Name of the instance."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name)) && !strcontains(var.name, "--") && length(var.name) <= 63
    error_message = "name must be at most 63 of a-z, 0-9 and -, begin with a letter, and not have two - in a row: RDS requires it."
  }
}

variable "engine_version" {
  type        = string
  description = "Version of MySQL, e.g. 8.4 for the latest minor version."
  default     = "8.4"
}

variable "database" {
  type        = string
  description = "Name of the database to create."
  default     = "pinterest_data"
}

variable "instance_class" {
  type        = string
  description = "Class of the instance, e.g. db.t4g.micro."
  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "instance_class must be an RDS instance class, e.g. db.t4g.micro."
  }
}

variable "storage_gib" {
  type        = number
  description = "GiB of storage."
  default     = 20
  validation {
    condition     = var.storage_gib >= 20
    error_message = "storage_gib must be at least 20, the minimum of gp3."
  }
}

variable "multi_az" {
  type        = bool
  description = "Keep a standby in another zone."
}

variable "password_rotation_days" {
  type        = number
  description = "Days between password rotations; null: every 7 days, the default of RDS."
  default     = null
  validation {
    condition     = var.password_rotation_days == null ? true : var.password_rotation_days >= 1 && var.password_rotation_days <= 90
    error_message = "password_rotation_days must be from 1 to 90, or null."
  }
}

variable "subnet_ids" {
  type        = list(string)
  description = "Private subnets in at least two zones."
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups of the instance."
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the storage and the password."
}

variable "disposable" {
  type        = bool
  description = "Allow deletion: no deletion protection, and no final snapshot."
  default     = false
}
