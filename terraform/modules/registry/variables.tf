variable "name" {
  type        = string
  description = "What the names of all repositories begin with."
}

variable "repositories" {
  type        = set(string)
  description = "A repository <name>/<repository> for each."
}

variable "emr_serverless_repositories" {
  type        = set(string)
  description = "Those of the repositories that EMR Serverless may pull from."
  default     = []
  validation {
    condition     = length(setsubtract(var.emr_serverless_repositories, var.repositories)) == 0
    error_message = "emr_serverless_repositories must be among repositories."
  }
}

variable "images_kept" {
  type        = number
  description = "Images that a repository keeps; older ones are deleted."
  default     = 10
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the images."
}

variable "disposable" {
  type        = bool
  description = "Delete the images together with the repositories."
  default     = false
}
