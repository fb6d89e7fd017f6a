variable "name" {
  type        = string
  description = "Alias of the key, without alias/."
}

variable "disposable" {
  type        = bool
  description = "Delete the key after 7 days rather than 30 once it is destroyed."
  default     = false
}
