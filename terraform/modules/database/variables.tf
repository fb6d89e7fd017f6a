variable "name" {
  type        = string
  description = "Name of the instance."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name)) && !strcontains(var.name, "--") && length(var.name) <= 63
    error_message = "name must be at most 63 of a-z, 0-9 and -, begin with a letter, and have no two - in a row: RDS asks for it."
  }
}

variable "engine_version" {
  type        = string
  description = "Version of MySQL, e.g. 8.4 for its newest minor version."
  default     = "8.4"
}

variable "database" {
  type        = string
  description = "Name of the database that is made in it."
  default     = "pinterest_data"
}

variable "instance_class" {
  type        = string
  description = "Class of the instance, e.g. db.t4g.micro."
  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "instance_class must be a class of RDS, e.g. db.t4g.micro."
  }
}

variable "storage_gib" {
  type        = number
  description = "GiB of storage."
  default     = 20
  validation {
    condition     = var.storage_gib >= 20
    error_message = "storage_gib must be at least 20: gp3 begins there."
  }
}

variable "multi_az" {
  type        = bool
  description = "Keep a standby in another zone."
}

variable "password_rotation_days" {
  type        = number
  description = "Days after which the password is changed; null: every 7 days, as RDS does by itself."
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
  description = "Let the instance be deleted without lifting a protection, and without a last snapshot."
  default     = false
}
