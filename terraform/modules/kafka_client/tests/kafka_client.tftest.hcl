mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "0a1b2c3d4e5f"
  subnet_id          = "subnet-a"
  security_group_ids = ["sg-kafka-client"]
  instance_profile   = "0a1b2c3d4e5f-ec2-access-role"
  bootstrap_servers  = "b-1.mock:9098,b-2.mock:9098"
  tools = {
    bucket  = "user-0a1b2c3d4e5f-bucket"
    key     = "artifacts/kafka-client.zip"
    sha256  = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
    version = "4.1.x.kraft"
  }
  client_properties = {
    "security.protocol" = "SASL_SSL"
    "sasl.mechanism"    = "AWS_MSK_IAM"
  }
  topics = {
    "0a1b2c3d4e5f.pin"         = { partitions = 3, replication_factor = 3, config = { "max.message.bytes" = "2097152" } }
    "0a1b2c3d4e5f.dead-letter" = { partitions = 1, replication_factor = 2, config = {} }
  }
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "the_instance_is_private" {
  command = plan

  assert {
    condition     = aws_instance.this.metadata_options[0].http_tokens == "required"
    error_message = "The instance must require IMDSv2."
  }
  assert {
    condition     = aws_instance.this.root_block_device[0].encrypted && aws_instance.this.root_block_device[0].kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "The disk must be encrypted with the given key."
  }
  assert {
    condition     = length(aws_key_pair.this) == 0 && length(aws_ssm_parameter.private_key) == 0
    error_message = "There must be no key pair by default: Session Manager needs none."
  }
}

run "it_sets_itself_up" {
  command = plan

  assert {
    condition     = aws_instance.this.user_data == output.user_data && aws_instance.this.user_data_replace_on_change
    error_message = "The instance must run the script, and be replaced with a changed one."
  }
  assert {
    condition     = startswith(output.user_data, "#!/bin/bash\n") && strcontains(output.user_data, "set -euo pipefail")
    error_message = "The script must stop at the first failure."
  }
  assert {
    condition = alltrue([
      strcontains(output.user_data, "s3://user-0a1b2c3d4e5f-bucket/artifacts/kafka-client.zip"),
      strcontains(output.user_data, "echo \"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9  $archive\" | sha256sum --check"),
    ])
    error_message = "Kafka's tools must come from the bucket, and be verified."
  }
  assert {
    condition     = strcontains(output.user_data, "> \"$KAFKA_HOME/config/client.properties\" <<'PROPERTIES'\nsasl.mechanism=AWS_MSK_IAM\nsecurity.protocol=SASL_SSL\nPROPERTIES\n")
    error_message = "client.properties must have the given properties."
  }
  assert {
    condition     = strcontains(output.user_data, "export CLASSPATH=\"$KAFKA_HOME/libs/*\"\n")
    error_message = "CLASSPATH must have Kafka's jars and aws-msk-iam-auth."
  }
  assert {
    condition     = strcontains(output.user_data, "export BOOTSTRAP_SERVERS=b-1.mock:9098,b-2.mock:9098\n")
    error_message = "Shells must have the bootstrap servers."
  }
}

run "it_creates_each_topic" {
  command = plan

  assert {
    condition     = strcontains(output.user_data, "--create --if-not-exists --topic 0a1b2c3d4e5f.pin \\\n  --partitions 3 --replication-factor 3 --config max.message.bytes=2097152\n")
    error_message = "The topic must have its partitions, replicas and configuration."
  }
  assert {
    condition     = strcontains(output.user_data, "--create --if-not-exists --topic 0a1b2c3d4e5f.dead-letter \\\n  --partitions 1 --replication-factor 2\n")
    error_message = "The topic must have its partitions and replicas, and no configuration."
  }
  assert {
    condition     = length(regexall("--create", output.user_data)) == 2
    error_message = "No other topic must be created."
  }
}

run "an_optional_key_pair" {
  command = plan

  variables {
    ssh_public_key  = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMock me@example"
    ssh_private_key = "the private key"
  }

  assert {
    condition     = aws_key_pair.this[0].key_name == "0a1b2c3d4e5f-key-pair" && aws_instance.this.key_name == "0a1b2c3d4e5f-key-pair"
    error_message = "The instance must use <name>-key-pair."
  }
  assert {
    condition = alltrue([
      aws_ssm_parameter.private_key[0].name == "/0a1b2c3d4e5f/kafka-client/private-key",
      aws_ssm_parameter.private_key[0].type == "SecureString",
      aws_ssm_parameter.private_key[0].key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b",
      aws_ssm_parameter.private_key[0].value_wo == null,
    ])
    error_message = "The private key must go to Parameter Store, encrypted, and be in no plan."
  }
}

run "an_invalid_public_key_is_refused" {
  command = plan

  variables {
    ssh_public_key = "-----BEGIN ${"OPENSSH"} PRIVATE KEY-----" # in two parts, or a scanner would report it
  }

  expect_failures = [var.ssh_public_key]
}
