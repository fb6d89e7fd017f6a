variable "name" {
  type        = string
  description = "Prefix of all names in the network."
}

variable "zones" {
  type        = list(string)
  description = "Availability zones, e.g. us-east-1a: one private subnet in each."
  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones must be 2 to 4 different availability zones: MSK, RDS and Airflow need at least two."
  }
}

variable "cidr" {
  type        = string
  description = "IPv4 CIDR block of the VPC; the subnet of each zone gets a quarter of it."
  default     = "10.40.0.0/16"
  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(tonumber(split("/", var.cidr)[1]), 99) <= 22 && try(tonumber(split("/", var.cidr)[1]), 0) >= 16
    error_message = "cidr must be an IPv4 block from /16 to /22, e.g. 10.40.0.0/16: the subnet of each zone is a quarter of it, and a smaller one has too few addresses."
  }
}

variable "interface_endpoints" {
  type        = set(string)
  description = "AWS services that get an interface endpoint, as in com.amazonaws.<region>.<service>. S3 always has a gateway endpoint."
  default     = []
}

variable "endpoint_zones" {
  type        = number
  description = "Number of zones for each interface endpoint. One zone serves all; each is charged per hour."
  default     = 1
  validation {
    condition     = var.endpoint_zones >= 1
    error_message = "endpoint_zones must be at least 1."
  }
}

variable "internet_users" {
  type        = set(string)
  description = "Security groups that may connect to the internet by HTTPS, e.g. airflow. If there are any, a NAT gateway is created."
  default     = []
  validation {
    condition     = length(setsubtract(var.internet_users, keys(local.groups))) == 0
    error_message = "internet_users must be among the security groups of this module."
  }
  validation {
    condition     = length(var.internet_users) == 0 || length(var.zones) <= 3
    error_message = "internet_users must be empty with more than 3 zones: the subnet of the NAT gateway is in the last quarter of the block."
  }
}

variable "rest_proxy_port" {
  type        = number
  description = "Port that the Kafka REST proxy listens on."
  default     = 8082
}
