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

run "every_method_asks_for_a_signature_and_a_key" {
  command = plan

  assert {
    # All methods that the module has: the ANY of the proxy, and those of the streams.
    condition     = sort(flatten([for name in fileset(path.module, "*.tf") : regexall("(?m)^resource \"aws_api_gateway_method\" \"(\\w+)\"", file("${path.module}/${name}"))])) == tolist(["kinesis", "proxy"])
    error_message = "There is a method that these tests do not know."
  }
  assert {
    condition     = aws_api_gateway_method.proxy.api_key_required && aws_api_gateway_method.proxy.authorization == "AWS_IAM" && aws_api_gateway_method.proxy.http_method == "ANY"
    error_message = "ANY /{proxy+} must ask for a signature and an API key."
  }
  assert {
    condition     = { for name, method in aws_api_gateway_method.kinesis : name => "${method.http_method} ${method.authorization} ${method.api_key_required}" } == { record = "PUT AWS_IAM true", records = "PUT AWS_IAM true" }
    error_message = "PUT /streams/... must ask for a signature and an API key."
  }
  assert {
    condition     = output.authorization == "AWS_IAM"
    error_message = "Callers must be told that they have to sign."
  }
}

run "the_key_lies_in_secrets_manager_alone" {
  command = plan

  assert {
    condition     = output.api_key_secret == "0a1b2c3d4e5f/api-key" && aws_secretsmanager_secret.api_key.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b" && aws_secretsmanager_secret.api_key.recovery_window_in_days == 7
    error_message = "The secret must be encrypted, found under <name>/api-key, and be had back for a week."
  }
  assert {
    condition     = aws_secretsmanager_secret_version.api_key.secret_string == aws_api_gateway_api_key.producer.value && issensitive(aws_secretsmanager_secret_version.api_key.secret_string)
    error_message = "The secret must hold the key."
  }
  assert {
    condition     = aws_api_gateway_usage_plan_key.producer.key_id == aws_api_gateway_api_key.producer.id && aws_api_gateway_usage_plan_key.producer.usage_plan_id == aws_api_gateway_usage_plan.this.id
    error_message = "The key must be of the usage plan."
  }
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.producer.statement : statement.sid => flatten([tolist(statement.actions), tolist(statement.resources)])
      } == {
      Invoke      = ["execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:mock/prod/*"]
      Key         = ["secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:123456789012:secret:mock"]
      KeyOfTheKey = ["kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/0a1b"]
    }
    error_message = "Who sends may call this stage, read this key, and no more."
  }
}

run "kafka_requests_go_through_the_vpc_link_unchanged" {
  command = plan

  assert {
    condition     = aws_api_gateway_resource.proxy.path_part == "{proxy+}" && aws_api_gateway_resource.proxy.parent_id == aws_api_gateway_rest_api.this.root_resource_id
    error_message = "Whatever follows the stage must be taken."
  }
  assert {
    condition = alltrue([
      aws_api_gateway_integration.proxy.type == "HTTP_PROXY",
      aws_api_gateway_integration.proxy.integration_http_method == "ANY",
      aws_api_gateway_integration.proxy.uri == "https://proxy.internal:8082/{proxy}",
      aws_api_gateway_integration.proxy.request_parameters == tomap({ "integration.request.path.proxy" = "method.request.path.proxy" }),
    ])
    error_message = "Method, path, body and status must reach the REST proxy, and come back, as they are."
  }
  assert {
    condition     = aws_api_gateway_integration.proxy.connection_type == "VPC_LINK" && aws_api_gateway_integration.proxy.connection_id == "link0a"
    error_message = "The VPC link must be taken."
  }
  assert {
    condition     = one(aws_api_gateway_integration.proxy.tls_config).insecure_skip_verification
    error_message = "The proxy makes its certificate itself: TLS with it must be taken."
  }
}

run "a_url_without_a_vpc_link_is_reached_as_it_stands" {
  command = plan

  variables {
    kafka_rest_url = "http://127.0.0.1:8082"
    vpc_link_id    = null
  }

  assert {
    condition     = aws_api_gateway_integration.proxy.connection_type == "INTERNET" && aws_api_gateway_integration.proxy.uri == "http://127.0.0.1:8082/{proxy}" && length(aws_api_gateway_integration.proxy.tls_config) == 0
    error_message = "Without a link, the URL itself must be called, and no certificate be taken unseen."
  }
}

run "bodies_for_the_streams_are_checked" {
  command = plan

  assert {
    condition     = aws_api_gateway_request_validator.this.validate_request_body && aws_api_gateway_request_validator.this.validate_request_parameters
    error_message = "The validator must look at bodies and parameters."
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
    error_message = "A record without data or key must be told so."
  }
  assert {
    condition = alltrue([
      jsondecode(aws_api_gateway_model.kinesis["records"].schema).required == ["records"],
      jsondecode(aws_api_gateway_model.kinesis["records"].schema).properties.records.minItems == 1,
      jsondecode(aws_api_gateway_model.kinesis["records"].schema).properties.records.maxItems == 500,
      jsondecode(aws_api_gateway_model.kinesis["records"].schema).properties.records.items.required == ["data", "partition-key"],
    ])
    error_message = "From 1 to 500 records must come, each with data and a key."
  }
}

run "stream_requests_become_kinesis_own" {
  command = plan

  assert {
    condition = { for name, integration in aws_api_gateway_integration.kinesis : name => [integration.type, integration.integration_http_method, integration.uri, integration.credentials] } == {
      record  = ["AWS", "POST", "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord", "arn:aws:iam::123456789012:role/kinesis"]
      records = ["AWS", "POST", "arn:aws:apigateway:us-east-1:kinesis:action/PutRecords", "arn:aws:iam::123456789012:role/kinesis"]
    }
    error_message = "Each route must call its action of Kinesis, as the role that was given."
  }
  assert {
    condition     = alltrue([for integration in values(aws_api_gateway_integration.kinesis) : integration.passthrough_behavior == "NEVER" && keys(integration.request_templates) == tolist(["application/json"])])
    error_message = "What has no template must be refused."
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
    error_message = "What Kinesis refuses must be told as an error."
  }
}

run "callers_are_throttled" {
  command = plan

  assert {
    condition     = [for limits in aws_api_gateway_usage_plan.this.throttle_settings : [limits.rate_limit, limits.burst_limit]] == [[200, 400]]
    error_message = "A caller must keep to 200 requests a second, 400 at once."
  }
  assert {
    condition     = [for limits in aws_api_gateway_method_settings.all.settings : [limits.throttling_rate_limit, limits.throttling_burst_limit]] == [[200, 400]] && aws_api_gateway_method_settings.all.method_path == "*/*"
    error_message = "So must all callers together."
  }
  assert {
    condition     = [for stage in aws_api_gateway_usage_plan.this.api_stages : stage.stage] == ["prod"]
    error_message = "The plan must hold for the stage."
  }
}

run "what_is_posted_is_in_no_log" {
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
    error_message = "The access log must hold this and no body, header or key."
  }
  assert {
    condition     = jsondecode(one(aws_api_gateway_stage.this.access_log_settings).format).status == "$context.status"
    error_message = "The alarm for throttled requests reads the field status."
  }
  assert {
    condition     = !one(aws_api_gateway_method_settings.all.settings).data_trace_enabled && one(aws_api_gateway_method_settings.all.settings).logging_level == "ERROR" && one(aws_api_gateway_method_settings.all.settings).metrics_enabled
    error_message = "The execution log must hold errors alone, and no bodies."
  }
  assert {
    condition     = output.access_log_group == "/aws/apigateway/0a1b2c3d4e5f" && aws_cloudwatch_log_group.access.retention_in_days == 30 && aws_cloudwatch_log_group.access.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "Logs must be encrypted, and kept for 30 days unless told otherwise."
  }
  assert {
    condition     = aws_api_gateway_account.this[0].cloudwatch_role_arn == "arn:aws:iam::123456789012:role/logs" && aws_api_gateway_stage.this.xray_tracing_enabled
    error_message = "API Gateway must be able to log, and be traced."
  }
  assert {
    condition     = length(aws_wafv2_web_acl.this) == 0 && length(aws_wafv2_web_acl_association.this) == 0
    error_message = "There must be no firewall unless asked for: it is charged."
  }
}

run "switches" {
  command = plan

  variables {
    waf                  = true
    sets_account_logging = false
    disposable           = true
    authorization        = "NONE"
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this[0].web_acl_arn == "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/mock/00000000-0000-0000-0000-000000000000" && aws_wafv2_web_acl_association.this[0].resource_arn == "arn:aws:apigateway:us-east-1::/restapis/mock/stages/prod"
    error_message = "The firewall must stand before the stage."
  }
  assert {
    condition     = toset([for rule in aws_wafv2_web_acl.this[0].rule : rule.name]) == toset(["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"]) && aws_wafv2_web_acl.this[0].scope == "REGIONAL"
    error_message = "The common rule set would block batches: it must not be among the rules."
  }
  assert {
    condition     = length(aws_api_gateway_account.this) == 0
    error_message = "An account that logs already must be left alone."
  }
  assert {
    condition     = aws_secretsmanager_secret.api_key.recovery_window_in_days == 0
    error_message = "The secret of an offline estate must go at once."
  }
  assert {
    condition     = aws_api_gateway_method.proxy.authorization == "NONE" && aws_api_gateway_method.proxy.api_key_required && alltrue([for method in values(aws_api_gateway_method.kinesis) : method.authorization == "NONE" && method.api_key_required]) && output.authorization == "NONE"
    error_message = "Without signatures the key must still be asked for."
  }
}

# A stage shows what was deployed, not what is described: what changes a request's way must deploy anew.

run "as_it_is" {
  command = plan
}

run "the_same_again_is_not_deployed" {
  command = plan

  variables {
    rate_limit = 100
  }

  assert {
    condition     = output.redeployment == run.as_it_is.redeployment
    error_message = "Limits are the stage's: nothing must be deployed for them."
  }
}

run "another_proxy_is_deployed" {
  command = plan

  variables {
    kafka_rest_url = "https://other.internal:8082"
  }

  assert {
    condition     = output.redeployment != run.as_it_is.redeployment
    error_message = "Another URL of the proxy must be deployed."
  }
}

run "another_authorization_is_deployed" {
  command = plan

  variables {
    authorization = "NONE"
  }

  assert {
    condition     = output.redeployment != run.as_it_is.redeployment
    error_message = "Another authorization must be deployed."
  }
}

run "a_slash_at_the_end_and_an_authorization_that_is_unknown_are_refused" {
  command = plan

  variables {
    kafka_rest_url = "https://proxy.internal:8082/"
    authorization  = "COGNITO_USER_POOLS"
  }

  expect_failures = [var.kafka_rest_url, var.authorization]
}
