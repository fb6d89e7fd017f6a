mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name             = "0a1b2c3d4e5f"
  kafka_rest_url   = "https://proxy.internal:8082"
  vpc_link_id      = "link0a"
  kinesis_role_arn = "arn:aws:iam::123456789012:role/kinesis"
  logging_role_arn = "arn:aws:iam::123456789012:role/logs"
  kms_key_arn      = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "every_method_requires_a_signature_and_a_key" {
  command = plan

  assert {
    # All methods of the module: ANY for the proxy, and those of the streams.
    condition     = sort(flatten([for name in fileset(path.module, "*.tf") : regexall("(?m)^resource \"aws_api_gateway_method\" \"(\\w+)\"", file("${path.module}/${name}"))])) == tolist(["kinesis", "proxy"])
    error_message = "The module has a method without a test."
  }
  assert {
    condition     = aws_api_gateway_method.proxy.api_key_required && aws_api_gateway_method.proxy.authorization == "AWS_IAM" && aws_api_gateway_method.proxy.http_method == "ANY"
    error_message = "ANY /{proxy+} must require a signature and an API key."
  }
  assert {
    condition     = { for name, method in aws_api_gateway_method.kinesis : name => "${method.http_method} ${method.authorization} ${method.api_key_required}" } == { record = "PUT AWS_IAM true", records = "PUT AWS_IAM true" }
    error_message = "PUT /streams/... must require a signature and an API key."
  }
  assert {
    condition     = output.authorization == "AWS_IAM"
    error_message = "The outputs must say that callers have to sign."
  }
}

run "only_secrets_manager_has_the_key" {
  command = plan

  assert {
    condition     = output.api_key_secret == "0a1b2c3d4e5f/api-key" && aws_secretsmanager_secret.api_key.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b" && aws_secretsmanager_secret.api_key.recovery_window_in_days == 7
    error_message = "The secret must be encrypted, be named <name>/api-key, and be restorable for a week."
  }
  assert {
    condition     = aws_secretsmanager_secret_version.api_key.secret_string == aws_api_gateway_api_key.producer.value && issensitive(aws_secretsmanager_secret_version.api_key.secret_string)
    error_message = "The secret must have the key."
  }
  assert {
    condition     = aws_api_gateway_usage_plan_key.producer.key_id == aws_api_gateway_api_key.producer.id && aws_api_gateway_usage_plan_key.producer.usage_plan_id == aws_api_gateway_usage_plan.this.id
    error_message = "The key must be in the usage plan."
  }
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.producer.statement : statement.sid => flatten([tolist(statement.actions), tolist(statement.resources)])
      } == {
      Invoke      = ["execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:mock/prod/*"]
      Key         = ["secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:123456789012:secret:mock"]
      KeyOfTheKey = ["kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/0a1b"]
    }
    error_message = "Producers may only call this stage and read this key."
  }
}

run "kafka_requests_go_through_the_vpc_link_unchanged" {
  command = plan

  assert {
    condition     = aws_api_gateway_resource.proxy.path_part == "{proxy+}" && aws_api_gateway_resource.proxy.parent_id == aws_api_gateway_rest_api.this.root_resource_id
    error_message = "All paths must be accepted."
  }
  assert {
    condition = alltrue([
      aws_api_gateway_integration.proxy.type == "HTTP_PROXY",
      aws_api_gateway_integration.proxy.integration_http_method == "ANY",
      aws_api_gateway_integration.proxy.uri == "https://proxy.internal:8082/{proxy}",
      aws_api_gateway_integration.proxy.request_parameters == tomap({ "integration.request.path.proxy" = "method.request.path.proxy" }),
    ])
    error_message = "Method, path, body and status must pass unchanged."
  }
  assert {
    condition     = aws_api_gateway_integration.proxy.connection_type == "VPC_LINK" && aws_api_gateway_integration.proxy.connection_id == "link0a"
    error_message = "The integration must use the VPC link."
  }
  assert {
    condition     = one(aws_api_gateway_integration.proxy.tls_config).insecure_skip_verification
    error_message = "The self-signed certificate of the proxy must be accepted."
  }
}

run "without_a_vpc_link_the_url_is_called_directly" {
  command = plan

  variables {
    kafka_rest_url = "http://127.0.0.1:8082"
    vpc_link_id    = null
  }

  assert {
    condition     = aws_api_gateway_integration.proxy.connection_type == "INTERNET" && aws_api_gateway_integration.proxy.uri == "http://127.0.0.1:8082/{proxy}" && length(aws_api_gateway_integration.proxy.tls_config) == 0
    error_message = "Without a link, the URL must be called directly, and certificates be verified."
  }
}

run "bodies_for_the_streams_are_validated" {
  command = plan

  assert {
    condition     = aws_api_gateway_request_validator.this.validate_request_body && aws_api_gateway_request_validator.this.validate_request_parameters
    error_message = "The validator must check bodies and parameters."
  }
  assert {
    condition     = alltrue([for method in concat(values(aws_api_gateway_method.kinesis), [aws_api_gateway_method.proxy]) : method.request_validator_id == aws_api_gateway_request_validator.this.id])
    error_message = "Every method must use it."
  }
  assert {
    condition     = { for name, method in aws_api_gateway_method.kinesis : name => method.request_models["application/json"] } == { record = "PutRecord", records = "PutRecords" }
    error_message = "Each body must have its model."
  }
  assert {
    condition     = jsondecode(aws_api_gateway_model.kinesis["record"].schema).required == ["Data", "PartitionKey"]
    error_message = "A record must have data and a key."
  }
  assert {
    condition = alltrue([
      jsondecode(aws_api_gateway_model.kinesis["records"].schema).required == ["records"],
      jsondecode(aws_api_gateway_model.kinesis["records"].schema).properties.records.minItems == 1,
      jsondecode(aws_api_gateway_model.kinesis["records"].schema).properties.records.maxItems == 500,
      jsondecode(aws_api_gateway_model.kinesis["records"].schema).properties.records.items.required == ["data", "partition-key"],
    ])
    error_message = "There must be 1 to 500 records, each with data and a key."
  }
}

run "stream_requests_become_kinesis_requests" {
  command = plan

  assert {
    condition = { for name, integration in aws_api_gateway_integration.kinesis : name => [integration.type, integration.integration_http_method, integration.uri, integration.credentials] } == {
      record  = ["AWS", "POST", "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord", "arn:aws:iam::123456789012:role/kinesis"]
      records = ["AWS", "POST", "arn:aws:apigateway:us-east-1:kinesis:action/PutRecords", "arn:aws:iam::123456789012:role/kinesis"]
    }
    error_message = "Each route must call its Kinesis action with the given role."
  }
  assert {
    condition     = alltrue([for integration in values(aws_api_gateway_integration.kinesis) : integration.passthrough_behavior == "NEVER" && keys(integration.request_templates) == tolist(["application/json"])])
    error_message = "Other content types must be refused."
  }
  assert {
    condition     = [for part in [aws_api_gateway_resource.streams, aws_api_gateway_resource.stream, aws_api_gateway_resource.kinesis["record"], aws_api_gateway_resource.kinesis["records"]] : part.path_part] == ["streams", "{stream-name}", "record", "records"]
    error_message = "The routes must be /streams/{stream-name}/record and /records."
  }
  assert {
    condition = { for name, response in aws_api_gateway_integration_response.kinesis : name => "${response.status_code} ${coalesce(response.selection_pattern, "else")}" } == {
      record-200  = "200 else"
      record-400  = "400 4\\d{2}"
      record-500  = "500 5\\d{2}"
      records-200 = "200 else"
      records-400 = "400 4\\d{2}"
      records-500 = "500 5\\d{2}"
    }
    error_message = "Errors of Kinesis must be returned as errors."
  }
}

run "callers_are_throttled" {
  command = plan

  assert {
    condition     = [for limits in aws_api_gateway_usage_plan.this.throttle_settings : [limits.rate_limit, limits.burst_limit]] == [[200, 400]]
    error_message = "A caller must be limited to 200 requests per second, with bursts of 400."
  }
  assert {
    condition     = [for limits in aws_api_gateway_method_settings.all.settings : [limits.throttling_rate_limit, limits.throttling_burst_limit]] == [[200, 400]] && aws_api_gateway_method_settings.all.method_path == "*/*"
    error_message = "All callers together must have the same limits."
  }
  assert {
    condition     = [for stage in aws_api_gateway_usage_plan.this.api_stages : stage.stage] == ["prod"]
    error_message = "The plan must apply to the stage."
  }
}

run "no_log_has_bodies" {
  command = plan

  assert {
    condition = values(jsondecode(one(aws_api_gateway_stage.this.access_log_settings).format)) == [
      "$context.responseLength",
      "$context.identity.userArn",
      "$context.error.message",
      "$context.httpMethod",
      "$context.responseLatency",
      "$context.path",
      "$context.requestId",
      "$context.status",
      "$context.requestTimeEpoch",
    ]
    error_message = "The access log must have these fields, and no body, header or key."
  }
  assert {
    condition     = jsondecode(one(aws_api_gateway_stage.this.access_log_settings).format).status == "$context.status"
    error_message = "The alarm for throttled requests reads the field status."
  }
  assert {
    condition     = !one(aws_api_gateway_method_settings.all.settings).data_trace_enabled && one(aws_api_gateway_method_settings.all.settings).logging_level == "ERROR" && one(aws_api_gateway_method_settings.all.settings).metrics_enabled
    error_message = "The execution log must have only errors, and no bodies."
  }
  assert {
    condition     = output.access_log_group == "/aws/apigateway/0a1b2c3d4e5f" && aws_cloudwatch_log_group.access.retention_in_days == 30 && aws_cloudwatch_log_group.access.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "Logs must be encrypted, and kept for 30 days by default."
  }
  assert {
    condition     = aws_api_gateway_account.this[0].cloudwatch_role_arn == "arn:aws:iam::123456789012:role/logs" && aws_api_gateway_stage.this.xray_tracing_enabled
    error_message = "API Gateway must be able to log, and be traced."
  }
  assert {
    condition     = length(aws_wafv2_web_acl.this) == 0 && length(aws_wafv2_web_acl_association.this) == 0
    error_message = "There must be no firewall by default: it is charged."
  }
}

run "options" {
  command = plan

  variables {
    waf                  = true
    sets_account_logging = false
    disposable           = true
    authorization        = "NONE"
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this[0].web_acl_arn == "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/mock/00000000-0000-0000-0000-000000000000" && aws_wafv2_web_acl_association.this[0].resource_arn == "arn:aws:apigateway:us-east-1::/restapis/mock/stages/prod"
    error_message = "The firewall must protect the stage."
  }
  assert {
    condition     = toset([for rule in aws_wafv2_web_acl.this[0].rule : rule.name]) == toset(["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"]) && aws_wafv2_web_acl.this[0].scope == "REGIONAL"
    error_message = "The common rule set must not be used: it blocks batches."
  }
  assert {
    condition     = length(aws_api_gateway_account.this) == 0
    error_message = "The account must stay unchanged."
  }
  assert {
    condition     = aws_secretsmanager_secret.api_key.recovery_window_in_days == 0
    error_message = "The secret of an offline estate must be deleted immediately."
  }
  assert {
    condition     = aws_api_gateway_method.proxy.authorization == "NONE" && aws_api_gateway_method.proxy.api_key_required && alltrue([for method in values(aws_api_gateway_method.kinesis) : method.authorization == "NONE" && method.api_key_required]) && output.authorization == "NONE"
    error_message = "Without signatures the key must still be required."
  }
}

# A stage serves its last deployment: a change of routes or integrations must redeploy the API.

run "unchanged" {
  command = plan
}

run "other_limits_are_not_deployed" {
  command = plan

  variables {
    rate_limit = 100
  }

  assert {
    condition     = output.redeployment == run.unchanged.redeployment
    error_message = "Limits belong to the stage: they must not redeploy the API."
  }
}

run "another_proxy_is_deployed" {
  command = plan

  variables {
    kafka_rest_url = "https://other.internal:8082"
  }

  assert {
    condition     = output.redeployment != run.unchanged.redeployment
    error_message = "Another URL of the proxy must be deployed."
  }
}

run "another_authorization_is_deployed" {
  command = plan

  variables {
    authorization = "NONE"
  }

  assert {
    condition     = output.redeployment != run.unchanged.redeployment
    error_message = "Another authorization must be deployed."
  }
}

run "a_trailing_slash_and_an_unknown_authorization_are_refused" {
  command = plan

  variables {
    kafka_rest_url = "https://proxy.internal:8082/"
    authorization  = "COGNITO_USER_POOLS"
  }

  expect_failures = [var.kafka_rest_url, var.authorization]
}
