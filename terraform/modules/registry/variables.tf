variable "name" {
  type        = string
  description = "Prefix of the names of all repositories."
}

variable "repositories" {
  type        = set(string)
  description = "Repositories to create, each as <name>/<repository>."
}

variable "emr_serverless_repositories" {
  type        = set(string)
  description = "The repositories that EMR Serverless may pull from."
  default     = []
  validation {
    condition     = length(setsubtract(var.emr_serverless_repositories, var.repositories)) == 0
    error_message = "emr_serverless_repositories must be among repositories."
  }
}

variable "images_kept" {
  type        = number
  description = "Number of images that each repository keeps; older ones are deleted."
  default     = 10
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the images."
}

variable "disposable" {
  type        = bool
  description = "Delete the images with the repositories."
  default     = false
}
