variable "names" {
  type        = map(string)
  description = "Name of the stream of each entity."
}

variable "shards" {
  type        = number
  description = "Shards per stream; null: on demand."
  default     = null
  validation {
    condition     = var.shards == null ? true : var.shards >= 1
    error_message = "shards must be at least 1, or null for on demand."
  }
}

variable "retention_hours" {
  type        = number
  description = "Retention of the records in hours."
  default     = 72 # a stream job that is stopped over a weekend loses nothing
  validation {
    condition     = var.retention_hours >= 24 && var.retention_hours <= 8760
    error_message = "retention_hours must be from 24 (a day) to 8760 (a year)."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the records."
}
