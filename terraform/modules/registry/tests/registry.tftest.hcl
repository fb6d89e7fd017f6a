mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name                        = "0a1b2c3d4e5f"
  repositories                = ["rest-proxy", "jobs"]
  emr_serverless_repositories = ["jobs"]
  kms_key_arn                 = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "a_private_repository_for_each_image" {
  command = plan

  assert {
    condition     = { for name, repository in aws_ecr_repository.this : name => repository.name } == { rest-proxy = "0a1b2c3d4e5f/rest-proxy", jobs = "0a1b2c3d4e5f/jobs" }
    error_message = "Repositories must be named <name>/<repository>."
  }
  assert {
    condition     = alltrue([for repository in values(aws_ecr_repository.this) : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push])
    error_message = "A tag must always mean the same image, and each must be scanned."
  }
  assert {
    condition     = alltrue([for repository in values(aws_ecr_repository.this) : repository.encryption_configuration[0].encryption_type == "KMS" && repository.encryption_configuration[0].kms_key == "arn:aws:kms:us-east-1:123456789012:key/0a1b"])
    error_message = "Images must be encrypted with the given key."
  }
  assert {
    condition     = alltrue([for repository in values(aws_ecr_repository.this) : !repository.force_delete])
    error_message = "Terraform must refuse to destroy a repository with images in it."
  }
}

run "old_images_are_deleted" {
  command = plan

  assert {
    condition     = { for name, policy in aws_ecr_lifecycle_policy.this : name => [for rule in jsondecode(policy.policy).rules : "${rule.action.type} ${rule.selection.countType} ${rule.selection.countNumber} ${rule.selection.tagStatus}"] } == { rest-proxy = ["expire imageCountMoreThan 10 any"], jobs = ["expire imageCountMoreThan 10 any"] }
    error_message = "Ten images must be kept by default."
  }
}

run "only_emr_serverless_of_this_account_pulls_and_only_the_jobs" {
  command = plan

  assert {
    condition     = { for name, policy in aws_ecr_repository_policy.emr_serverless : name => policy.repository } == { jobs = "0a1b2c3d4e5f/jobs" }
    error_message = "Only the given repository must have a policy."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.emr_serverless.statement : flatten([
        sort(statement.actions),
        [for principal in statement.principals : [principal.type, tolist(principal.identifiers)]],
        [for condition in statement.condition : [condition.test, condition.variable, tolist(condition.values)]],
      ])
      ] == [[
        "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer",
        "Service", "emr-serverless.amazonaws.com",
        "StringEquals", "aws:SourceAccount", "123456789012",
    ]]
    error_message = "Only EMR Serverless may pull, for this account."
  }
}

run "disposable_repositories_are_deleted_with_their_images" {
  command = plan

  variables {
    disposable  = true
    images_kept = 3
  }

  assert {
    condition     = alltrue([for repository in values(aws_ecr_repository.this) : repository.force_delete])
    error_message = "Destroying an offline estate must need no preparation."
  }
  assert {
    condition     = alltrue([for policy in values(aws_ecr_lifecycle_policy.this) : jsondecode(policy.policy).rules[0].selection.countNumber == 3])
    error_message = "The given number of images must be kept."
  }
}

run "an_unknown_repository_is_refused" {
  command = plan

  variables {
    emr_serverless_repositories = ["emulator"]
  }

  expect_failures = [var.emr_serverless_repositories]
}
