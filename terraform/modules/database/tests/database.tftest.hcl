mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "source-0a1b2c3d4e5f"
  instance_class     = "db.t4g.micro"
  multi_az           = false
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-database"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "it_is_private_and_encrypted" {
  command = plan

  assert {
    condition     = aws_db_instance.this.publicly_accessible == false
    error_message = "The database must not be public."
  }
  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "Its storage must be encrypted with the given key."
  }
  assert {
    condition     = { for parameter in aws_db_parameter_group.this.parameter : parameter.name => parameter.value } == { require_secure_transport = "1", character_set_server = "utf8mb4" }
    error_message = "It must require TLS, and store emoji."
  }
  assert {
    condition     = aws_db_instance.this.parameter_group_name == "source-0a1b2c3d4e5f" && aws_db_parameter_group.this.name == "source-0a1b2c3d4e5f" && aws_db_parameter_group.this.family == "mysql8.4"
    error_message = "It must use these parameters."
  }
}

run "no_password_is_in_the_configuration" {
  command = plan

  assert {
    condition     = aws_db_instance.this.password == null && aws_db_instance.this.password_wo == null
    error_message = "There must be no password in the configuration."
  }
  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.master_user_secret_kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "RDS must generate the password, and store it encrypted in Secrets Manager."
  }
  assert {
    condition     = output.password_secret_arn == "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-mock"
    error_message = "The output must be the ARN of the secret, not its value."
  }
  assert {
    condition     = length(aws_secretsmanager_secret_rotation.password) == 0
    error_message = "RDS rotates the password every 7 days by default."
  }
}

run "it_is_protected_and_backed_up" {
  command = plan

  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.final_snapshot_identifier == "source-0a1b2c3d4e5f-final"
    error_message = "It must have deletion protection and a final snapshot."
  }
  assert {
    condition     = aws_db_instance.this.backup_retention_period == 7
    error_message = "Backups must be kept for a week."
  }
}

run "a_disposable_one_is_deleted_immediately" {
  command = plan

  variables {
    disposable = true
  }

  assert {
    condition     = !aws_db_instance.this.deletion_protection && aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.final_snapshot_identifier == null
    error_message = "Destroying an offline estate must need no preparation."
  }
}

run "another_rotation_interval" {
  command = plan

  variables {
    password_rotation_days = 30
  }

  assert {
    condition     = one(aws_secretsmanager_secret_rotation.password[0].rotation_rules).automatically_after_days == 30 && !aws_secretsmanager_secret_rotation.password[0].rotate_immediately
    error_message = "The password must be rotated after the given days."
  }
}

run "values_that_rds_refuses_are_refused" {
  command = plan

  variables {
    name                   = "0a1b-source"
    instance_class         = "t4g.micro"
    storage_gib            = 19
    password_rotation_days = 0
  }

  expect_failures = [var.name, var.instance_class, var.storage_gib, var.password_rotation_days]
}

run "two_dashes_in_a_row_and_a_long_interval_are_refused" {
  command = plan

  variables {
    name                   = "source--0a1b"
    password_rotation_days = 91
  }

  expect_failures = [var.name, var.password_rotation_days]
}
