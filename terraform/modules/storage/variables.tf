variable "bucket" {
  type        = string
  description = "Name of the bucket."
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket must be 3 to 63 of a-z, 0-9 and -, neither beginning nor ending with -: TLS requires a name without dots."
  }
}

variable "topics_prefix" {
  type        = string
  description = "Key prefix of the landed topics, without a trailing slash."
  default     = "topics"
}

variable "logs_prefix" {
  type        = string
  description = "Key prefix of objects that are deleted after 30 days, without a trailing slash."
  default     = "logs"
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the objects."
}

variable "disposable" {
  type        = bool
  description = "Delete the objects with the bucket: for offline and test estates."
  default     = false
}
