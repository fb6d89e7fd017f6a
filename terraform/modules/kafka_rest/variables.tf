variable "name" {
  type        = string
  description = "Name of the cluster, the service, the load balancer and the VPC link."
  validation {
    condition     = length(var.name) <= 32
    error_message = "name must have at most 32 characters, the limit of load balancers."
  }
}

variable "image" {
  type        = string
  description = "Image of the proxy, by tag or digest."
}

variable "environment" {
  type        = map(string)
  description = "Environment variables of the proxy, e.g. the address of Kafka. No secrets."
}

variable "tls_name_variable" {
  type        = string
  description = "Environment variable with the host name of the proxy's TLS certificate."
  default     = "KAFKA_REST_TLS_NAME"
}

variable "port" {
  type        = number
  description = "Port that the proxy listens on, with TLS."
  default     = 8082
}

variable "health_check_path" {
  type        = string
  description = "Path that answers 200 if the proxy can reach Kafka."
  default     = "/health"
}

variable "cpu" {
  type        = number
  description = "CPU units per task; 1024 are one vCPU."
  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu must be a Fargate size: 256, 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "memory" {
  type        = number
  description = "MiB of memory per task."
}

variable "min_tasks" {
  type        = number
  description = "Minimum number of tasks."
  validation {
    condition     = var.min_tasks >= 1
    error_message = "min_tasks must be at least 1."
  }
}

variable "max_tasks" {
  type        = number
  description = "Maximum number of tasks."
  validation {
    condition     = var.max_tasks >= var.min_tasks
    error_message = "max_tasks must be at least min_tasks."
  }
}

variable "vpc_id" {
  type        = string
  description = "VPC of the load balancer and the tasks."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Private subnets of the load balancer and the tasks."
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups of the tasks."
}

variable "load_balancer_security_group_ids" {
  type        = list(string)
  description = "Security groups of the load balancer."
}

variable "execution_role_arn" {
  type        = string
  description = "Role that starts the tasks: pulls the image, writes the logs."
}

variable "task_role_arn" {
  type        = string
  description = "Role of the proxy, with access to Kafka."
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the logs."
}

variable "log_retention_days" {
  type        = number
  description = "Retention of the logs in days."
  default     = 30
}

variable "disposable" {
  type        = bool
  description = "Allow deletion: no deletion protection on the load balancer."
  default     = false
}
