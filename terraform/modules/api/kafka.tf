# ANY /{proxy+}: the path after the stage goes to the Kafka REST proxy unchanged. The proxy validates the bodies, with the
# errors of Kafka REST.

resource "aws_api_gateway_resource" "proxy" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "{proxy+}"
}

resource "aws_api_gateway_method" "proxy" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_resource.proxy.id
  http_method          = "ANY"
  authorization        = var.authorization
  api_key_required     = true
  request_validator_id = aws_api_gateway_request_validator.this.id
  request_parameters = {
    "method.request.path.proxy" = true
  }
}

resource "aws_api_gateway_integration" "proxy" {
  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.proxy.id
  http_method             = aws_api_gateway_method.proxy.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "ANY"
  uri                     = "${var.kafka_rest_url}/{proxy}"
  connection_type         = var.vpc_link_id == null ? "INTERNET" : "VPC_LINK"
  connection_id           = var.vpc_link_id
  timeout_milliseconds    = 29000
  request_parameters = {
    "integration.request.path.proxy" = "method.request.path.proxy"
  }
  # Behind the VPC link, the proxy serves TLS with a self-signed certificate.
  dynamic "tls_config" {
    for_each = var.vpc_link_id == null ? [] : [true]
    content {
      insecure_skip_verification = tls_config.value
    }
  }
}
