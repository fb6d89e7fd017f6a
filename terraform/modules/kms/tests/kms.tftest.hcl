mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name = "0a1b2c3d4e5f"
}

run "the_key_is_rotated_and_has_an_alias" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key must be rotated."
  }
  assert {
    condition     = aws_kms_alias.this.name == "alias/0a1b2c3d4e5f"
    error_message = "The alias must be alias/<name>."
  }
  assert {
    condition     = aws_kms_key.this.deletion_window_in_days == 30
    error_message = "A key that is not disposable must be kept for 30 days after destroy."
  }
}

run "a_disposable_key_is_deleted_after_a_week" {
  command = plan

  variables {
    disposable = true
  }

  assert {
    condition     = aws_kms_key.this.deletion_window_in_days == 7
    error_message = "7 days are the minimum of KMS."
  }
}

run "only_the_account_and_two_services_use_it" {
  command = plan

  assert {
    condition = { for statement in data.aws_iam_policy_document.key.statement : statement.sid => flatten([for principal in statement.principals : tolist(principal.identifiers)]) } == {
      AccountDecidesByIam = ["arn:aws:iam::123456789012:root"]
      LogGroups           = ["logs.us-east-1.amazonaws.com"]
      AlarmsToTopics      = ["cloudwatch.amazonaws.com"]
    }
    error_message = "Only the account, CloudWatch Logs and CloudWatch alarms may use the key."
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.key.statement : !contains(statement.actions, "kms:*") if statement.sid != "AccountDecidesByIam"
    ])
    error_message = "Services must not administer the key."
  }
  assert {
    condition = { for statement in data.aws_iam_policy_document.key.statement : statement.sid => flatten([for condition in statement.condition : [condition.test, condition.variable, tolist(condition.values)]]) } == {
      AccountDecidesByIam = []
      LogGroups           = ["ArnLike", "kms:EncryptionContext:aws:logs:arn", "arn:aws:logs:us-east-1:123456789012:log-group:*"]
      AlarmsToTopics      = ["StringEquals", "aws:SourceAccount", "123456789012"]
    }
    error_message = "Services may use the key only for this account."
  }
}
