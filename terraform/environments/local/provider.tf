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
  region                      = var.region
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 3

  endpoints {
    apigateway     = var.localstack_url
    s3             = var.localstack_url
    secretsmanager = var.localstack_url
    ssm            = var.localstack_url
    sts            = var.localstack_url
  }
}
