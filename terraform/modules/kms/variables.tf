variable "name" {
  type        = string
  description = "Alias of the key, without alias/."
}

variable "disposable" {
  type        = bool
  description = "Delete the key 7 days after destroy, not 30."
  default     = false
}
