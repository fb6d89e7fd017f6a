# The source database: MySQL, reachable only in the VPC and only with TLS. Only Secrets Manager has its password.

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name   = var.name
  family = "mysql${join(".", slice(split(".", var.engine_version), 0, 2))}"
  parameter {
    name  = "require_secure_transport"
    value = "1"
  }
  parameter {
    name  = "character_set_server"
    value = "utf8mb4" # titles with emoji
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_293:Protected unless disposable
  #checkov:skip=CKV_AWS_118:Enhanced monitoring needs its own role and is charged; the alarms read the standard metrics
  #checkov:skip=CKV_AWS_353:Performance Insights is not available on the small classes
  identifier                          = var.name
  engine                              = "mysql"
  engine_version                      = var.engine_version
  instance_class                      = var.instance_class
  allocated_storage                   = var.storage_gib
  storage_type                        = "gp3"
  storage_encrypted                   = true
  kms_key_id                          = var.kms_key_arn
  db_name                             = var.database
  username                            = "admin"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.kms_key_arn
  iam_database_authentication_enabled = true
  multi_az                            = var.multi_az
  db_subnet_group_name                = aws_db_subnet_group.this.name
  parameter_group_name                = aws_db_parameter_group.this.name
  vpc_security_group_ids              = var.security_group_ids
  publicly_accessible                 = false
  backup_retention_period             = 7
  auto_minor_version_upgrade          = true
  copy_tags_to_snapshot               = true
  enabled_cloudwatch_logs_exports     = ["error", "slowquery"]
  deletion_protection                 = !var.disposable
  skip_final_snapshot                 = var.disposable
  final_snapshot_identifier           = var.disposable ? null : "${var.name}-final"
}

# RDS rotates the password every 7 days by default.
resource "aws_secretsmanager_secret_rotation" "password" {
  #checkov:skip=CKV_AWS_304:password_rotation_days refuses more than 90
  count              = var.password_rotation_days == null ? 0 : 1
  secret_id          = aws_db_instance.this.master_user_secret[0].secret_arn
  rotate_immediately = false
  rotation_rules {
    automatically_after_days = var.password_rotation_days
  }
}
