# Access: callers need permission to invoke the API and the API key. The key sets the caller's quota. It is in Secrets
# Manager and in no output.

resource "aws_api_gateway_api_key" "producer" {
  name = "${var.name}-producer"
}

resource "aws_api_gateway_usage_plan" "this" {
  name = var.name
  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }
  throttle_settings {
    rate_limit  = var.rate_limit
    burst_limit = var.burst_limit
  }
}

resource "aws_api_gateway_usage_plan_key" "producer" {
  key_id        = aws_api_gateway_api_key.producer.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.this.id
}

resource "aws_secretsmanager_secret" "api_key" {
  #checkov:skip=CKV2_AWS_57:API Gateway generates the key; replacing the resource rotates it, a Lambda cannot
  name                    = "${var.name}/api-key"
  description             = "x-api-key of the emulator"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.disposable ? 0 : 7
}

resource "aws_secretsmanager_secret_version" "api_key" {
  secret_id     = aws_secretsmanager_secret.api_key.id
  secret_string = aws_api_gateway_api_key.producer.value
}

data "aws_iam_policy_document" "producer" {
  statement {
    sid       = "Invoke"
    actions   = ["execute-api:Invoke"]
    resources = ["${aws_api_gateway_rest_api.this.execution_arn}/${var.stage}/*"]
  }
  statement {
    sid       = "Key"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.api_key.arn]
  }
  statement {
    sid       = "KeyOfTheKey"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_policy" "producer" {
  name        = "${var.name}-producer"
  description = "For those who send events to the API of ${var.name}"
  policy      = data.aws_iam_policy_document.producer.json
}

# --- Optional firewall ---------------------------------------------------------------------------------------------

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192:AWSManagedRulesKnownBadInputsRuleSet is below; the check does not read dynamic blocks
  #checkov:skip=CKV2_AWS_31:The web ACL's metrics and samples show what it blocked; full logs are charged per GB
  count       = var.waf ? 1 : 0
  name        = var.name
  description = "Before the API of ${var.name}"
  scope       = "REGIONAL"
  default_action {
    allow {}
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }

  # Not the common rule set: it blocks bodies over 8 KB, and a batch of 500 events has 350 KB.
  dynamic "rule" {
    for_each = { AWSManagedRulesAmazonIpReputationList = 1, AWSManagedRulesKnownBadInputsRuleSet = 2 }
    content {
      name     = rule.key
      priority = rule.value
      override_action {
        none {}
      }
      statement {
        managed_rule_group_statement {
          name        = rule.key
          vendor_name = "AWS"
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  count        = var.waf ? 1 : 0
  resource_arn = aws_api_gateway_stage.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this[0].arn
}
