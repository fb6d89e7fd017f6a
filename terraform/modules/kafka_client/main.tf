# An EC2 instance with Kafka's tools, for Session Manager: no public address, no open port, no need for ssh.

data "aws_ssm_parameter" "image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

resource "aws_instance" "this" {
  ami                         = nonsensitive(data.aws_ssm_parameter.image.value)
  instance_type               = var.instance_type
  subnet_id                   = var.subnet_id
  vpc_security_group_ids      = var.security_group_ids
  iam_instance_profile        = var.instance_profile
  key_name                    = one(aws_key_pair.this[*].key_name)
  ebs_optimized               = true
  monitoring                  = true
  user_data_replace_on_change = true
  user_data                   = local.user_data

  metadata_options {
    http_tokens   = "required"
    http_endpoint = "enabled"
  }
  root_block_device {
    encrypted   = true
    kms_key_id  = var.kms_key_arn
    volume_type = "gp3"
    volume_size = 20
  }
  tags = { Name = "${var.name}-kafka-client" }

  lifecycle {
    ignore_changes = [ami] # a newer image must not replace the client
  }
}

locals {
  user_data = templatefile("${path.module}/templates/user_data.sh.tftpl", {
    bootstrap_servers = var.bootstrap_servers
    tools             = var.tools
    client_properties = join("\n", [for key, value in var.client_properties : "${key}=${value}"])
    topics            = var.topics
    tool              = file("${path.module}/files/kafka-tool.sh")
    log4j2            = file("${path.module}/files/log4j2.xml")
  })
}

# --- Optional key pair for ssh through Session Manager -------------------------------------------------------------

resource "aws_key_pair" "this" {
  count      = var.ssh_public_key == null ? 0 : 1
  key_name   = "${var.name}-key-pair"
  public_key = var.ssh_public_key
}

resource "aws_ssm_parameter" "private_key" {
  count            = var.ssh_public_key == null ? 0 : 1
  name             = "/${var.name}/kafka-client/private-key"
  description      = "Private half of ${var.name}-key-pair"
  type             = "SecureString"
  key_id           = var.kms_key_arn
  value_wo         = var.ssh_private_key # write-only: neither in state nor in plans
  value_wo_version = 1
  lifecycle {
    replace_triggered_by = [aws_key_pair.this]
  }
}
