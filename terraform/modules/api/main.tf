# A REST API: ANY /{proxy+} to the Kafka REST proxy (kafka.tf), /streams/... to Kinesis (kinesis.tf). This file has the
# API, its deployment and its stage; access.tf has the access control.

data "aws_region" "current" {}
data "aws_partition" "current" {}

resource "aws_api_gateway_rest_api" "this" {
  name        = var.name
  description = "Front door of the pin pipeline of ${var.name}"
  endpoint_configuration {
    types = ["REGIONAL"]
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  triggers = {
    # Only inputs: hashes of whole resources change again after the first read.
    redeployment = sha1(jsonencode([
      [for file in concat(sort(tolist(fileset(path.module, "*.tf"))), sort(tolist(fileset(path.module, "templates/*")))) : filesha1("${path.module}/${file}")],
      var.kafka_rest_url, var.vpc_link_id, var.kinesis_role_arn, var.authorization,
    ]))
  }
  lifecycle {
    create_before_destroy = true
  }
  depends_on = [
    aws_api_gateway_integration.proxy,
    aws_api_gateway_integration.kinesis,
    aws_api_gateway_integration_response.kinesis,
  ]
}

resource "aws_cloudwatch_log_group" "access" {
  #checkov:skip=CKV_AWS_338:log_retention_days sets the retention
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# One per account and region, for all APIs.
resource "aws_api_gateway_account" "this" {
  count               = var.sets_account_logging ? 1 : 0
  cloudwatch_role_arn = var.logging_role_arn
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV2_AWS_77:The optional WAF has AWSManagedRulesKnownBadInputsRuleSet; the check does not read dynamic blocks
  #checkov:skip=CKV_AWS_120:Responses to POST and PUT cannot be cached
  #checkov:skip=CKV2_AWS_51:Callers authenticate by IAM and key, not by client certificates
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.stage
  xray_tracing_enabled = true
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId = "$context.requestId"
      time      = "$context.requestTimeEpoch"
      method    = "$context.httpMethod"
      path      = "$context.path"
      status    = "$context.status"
      caller    = "$context.identity.userArn"
      bytes     = "$context.responseLength"
      millis    = "$context.responseLatency"
      error     = "$context.error.message"
    })
  }
  depends_on = [aws_api_gateway_account.this]
}

resource "aws_api_gateway_method_settings" "all" {
  #checkov:skip=CKV_AWS_225:Responses to POST and PUT cannot be cached
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"
  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false # would log every event
    throttling_rate_limit  = var.rate_limit
    throttling_burst_limit = var.burst_limit
  }
}

resource "aws_api_gateway_request_validator" "this" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "body-and-parameters"
  validate_request_body       = true
  validate_request_parameters = true
}
