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
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 3
  # MWAA's client adds "api." to the host of its endpoint, a name that does not exist here. With the control plane as the
  # HTTP proxy, its requests arrive anyway. Clients bypass a proxy for loopback; in containers LocalStack has another name.
  http_proxy  = var.control_plane_url
  https_proxy = ""
  no_proxy    = regex("^http://([^:/]+)", var.localstack_url)[0]

  endpoints {
    # LocalStack: the services that the running pipeline uses
    apigateway     = var.localstack_url
    cloudwatch     = var.localstack_url
    kinesis        = var.localstack_url
    kms            = var.localstack_url
    logs           = var.localstack_url
    s3             = var.localstack_url
    secretsmanager = var.localstack_url
    sns            = var.localstack_url
    # local/control_plane: services that are only described
    applicationautoscaling = var.control_plane_url
    ec2                    = var.control_plane_url
    ecr                    = var.control_plane_url
    ecs                    = var.control_plane_url
    elbv2                  = var.control_plane_url
    emrserverless          = var.control_plane_url
    iam                    = var.control_plane_url
    kafka                  = var.control_plane_url
    kafkaconnect           = var.control_plane_url
    mwaa                   = var.control_plane_url
    rds                    = var.control_plane_url
    ssm                    = var.control_plane_url
    sts                    = var.control_plane_url
    wafv2                  = var.control_plane_url
  }
}
