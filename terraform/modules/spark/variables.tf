variable "name" {
  type        = string
  description = "Name of the application."
}

variable "release_label" {
  type        = string
  description = "Release of EMR Serverless, which sets the versions of Spark and Delta."
}

variable "architecture" {
  type        = string
  description = "X86_64 or ARM64, the same as the image."
  default     = "X86_64"
  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture must be X86_64 or ARM64."
  }
}

variable "image" {
  type        = string
  description = "Image with the jobs, based on the release's image; null: the release's image."
  default     = null
}

variable "max_vcpu" {
  type        = number
  description = "Maximum vCPUs of all jobs; each has 4 GB of memory and 20 GB of disk."
  validation {
    condition     = var.max_vcpu >= 8
    error_message = "max_vcpu must be at least 8: two jobs with a driver and an executor each need 8."
  }
}

variable "subnet_ids" {
  type        = list(string)
  description = "Private subnets of the jobs."
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups of the jobs."
}
