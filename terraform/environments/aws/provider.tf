terraform {
  required_version = ">= 1.11.0"
  # `make infra ENV=aws` sets bucket, key and region (STATE_BUCKET, USER_ID, AWS_REGION).
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = {
      Project   = "pin-pipeline"
      UserId    = var.user_id
      ManagedBy = "terraform"
    }
  }
}
