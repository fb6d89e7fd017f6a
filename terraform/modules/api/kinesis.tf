# PUT /streams/{stream-name}/record and /records: Kinesis PutRecord and PutRecords. The role limits the streams.

locals {
  kinesis = {
    record  = "PutRecord"
    records = "PutRecords"
  }
  # Patterns of Kinesis' status codes.
  kinesis_statuses = {
    "200" = null
    "400" = "4\\d{2}"
    "500" = "5\\d{2}"
  }
  kinesis_responses = {
    for pair in setproduct(keys(local.kinesis), keys(local.kinesis_statuses)) : "${pair[0]}-${pair[1]}" => { route = pair[0], status = pair[1] }
  }
  partition_key = { type = "string", minLength = 1, maxLength = 256 }
  bodies = {
    record = {
      type       = "object"
      required   = ["Data", "PartitionKey"]
      properties = { PartitionKey = local.partition_key }
    }
    records = {
      type     = "object"
      required = ["records"]
      properties = {
        records = {
          type     = "array"
          minItems = 1
          maxItems = 500 # the limit of Kinesis per request
          items = {
            type       = "object"
            required   = ["data", "partition-key"]
            properties = { "partition-key" = local.partition_key }
          }
        }
      }
    }
  }
}

resource "aws_api_gateway_resource" "streams" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "streams"
}

resource "aws_api_gateway_resource" "stream" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.streams.id
  path_part   = "{stream-name}"
}

resource "aws_api_gateway_resource" "kinesis" {
  for_each    = local.kinesis
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.stream.id
  path_part   = each.key
}

resource "aws_api_gateway_model" "kinesis" {
  for_each     = local.kinesis
  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = each.value
  description  = "Body of PUT /streams/{stream-name}/${each.key}"
  content_type = "application/json"
  schema       = jsonencode(merge({ "$schema" = "http://json-schema.org/draft-04/schema#" }, local.bodies[each.key]))
}

resource "aws_api_gateway_method" "kinesis" {
  for_each             = local.kinesis
  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_resource.kinesis[each.key].id
  http_method          = "PUT"
  authorization        = var.authorization
  api_key_required     = true
  request_validator_id = aws_api_gateway_request_validator.this.id
  request_models       = { "application/json" = aws_api_gateway_model.kinesis[each.key].name }
  request_parameters = {
    "method.request.path.stream-name" = true
  }
}

resource "aws_api_gateway_integration" "kinesis" {
  for_each                = local.kinesis
  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.kinesis[each.key].id
  http_method             = aws_api_gateway_method.kinesis[each.key].http_method
  type                    = "AWS"
  integration_http_method = "POST"
  uri                     = "arn:${data.aws_partition.current.partition}:apigateway:${data.aws_region.current.name}:kinesis:action/${each.value}"
  credentials             = var.kinesis_role_arn
  passthrough_behavior    = "NEVER"
  request_parameters = {
    "integration.request.header.Content-Type" = "'application/x-amz-json-1.1'"
  }
  request_templates = {
    "application/json" = file("${path.module}/templates/${each.key}.vtl")
  }
}

resource "aws_api_gateway_method_response" "kinesis" {
  for_each    = local.kinesis_responses
  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_resource.kinesis[each.value.route].id
  http_method = aws_api_gateway_method.kinesis[each.value.route].http_method
  status_code = each.value.status
}

resource "aws_api_gateway_integration_response" "kinesis" {
  for_each          = local.kinesis_responses
  rest_api_id       = aws_api_gateway_rest_api.this.id
  resource_id       = aws_api_gateway_resource.kinesis[each.value.route].id
  http_method       = aws_api_gateway_method.kinesis[each.value.route].http_method
  status_code       = each.value.status
  selection_pattern = local.kinesis_statuses[each.value.status]
  depends_on        = [aws_api_gateway_integration.kinesis, aws_api_gateway_method_response.kinesis]
}
