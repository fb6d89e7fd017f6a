# The versioned bucket for Terraform's state, created once per account before the estate (`make bootstrap ENV=aws`). Its
# own state is a file in STATE; if that is lost, import the bucket.

terraform {
  required_version = ">= 1.11.0"
  backend "local" {}
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "bucket" {
  type        = string
  description = "Name of the bucket, which must be globally unique."
}

variable "region" {
  type        = string
  description = "Region of the bucket."
}

module "kms" {
  source = "../modules/kms"
  name   = var.bucket
}

module "storage" {
  source      = "../modules/storage"
  bucket      = var.bucket
  kms_key_arn = module.kms.key_arn
}

output "bucket" {
  description = "Name of the bucket."
  value       = module.storage.bucket
}
