mock_provider "aws" {}

variables {
  name           = "0a1b2c3d4e5f"
  kafka_rest_url = "http://proxy.internal:8082"
}

run "every_method_asks_for_a_key" {
  command = plan

  assert {
    condition     = aws_api_gateway_method.proxy.api_key_required
    error_message = "ANY /{proxy+} must ask for an API key."
  }
  assert {
    condition     = aws_api_gateway_method.proxy.http_method == "ANY"
    error_message = "The proxy must take every method."
  }
}

run "requests_go_to_the_rest_proxy_unchanged" {
  command = plan

  assert {
    condition     = aws_api_gateway_integration.proxy.type == "HTTP_PROXY"
    error_message = "HTTP_PROXY keeps bodies, types and statuses as they are."
  }
  assert {
    condition     = aws_api_gateway_integration.proxy.uri == "http://proxy.internal:8082/{proxy}"
    error_message = "The path after the stage must reach the REST proxy."
  }
}

run "callers_are_throttled" {
  command = plan

  assert {
    condition = alltrue([
      one(aws_api_gateway_usage_plan.this.throttle_settings).rate_limit == 200,
      one(aws_api_gateway_usage_plan.this.throttle_settings).burst_limit == 400,
    ])
    error_message = "The usage plan must carry the rate and burst limits."
  }
}

run "first_deployment" {
  command = apply
}

run "another_proxy_redeploys" {
  command = plan

  variables {
    kafka_rest_url = "http://other.internal:8082"
  }

  assert {
    condition     = aws_api_gateway_deployment.this.triggers.redeployment != run.first_deployment.redeployment
    error_message = "A changed proxy URL must change the deployment's trigger."
  }
}

run "a_url_with_a_slash_is_refused" {
  command = plan

  variables {
    kafka_rest_url = "http://proxy.internal:8082/"
  }

  expect_failures = [var.kafka_rest_url]
}
