variable "bucket" {
  type        = string
  description = "Name of the bucket."
}

variable "disposable" {
  type        = bool
  description = "Delete the objects together with the bucket, and keep no old versions: for offline and test estates."
  default     = false
}
