# Two plans without assertions: tests/terraform/test_sizes.py compares all their values.

mock_provider "aws" {
  source = "../../tests/mocks"

  override_resource {
    target          = module.network.aws_subnet.private["us-east-1a"]
    values          = { id = "subnet-a" }
    override_during = plan
  }
  override_resource {
    target          = module.network.aws_subnet.private["us-east-1b"]
    values          = { id = "subnet-b" }
    override_during = plan
  }
  override_resource {
    target          = module.network.aws_subnet.private["us-east-1c"]
    values          = { id = "subnet-c" }
    override_during = plan
  }
}

variables {
  user_id          = "0a1b2c3d4e5f"
  plugin_zip       = "versions.tf" # any file works
  kafka_client_zip = "outputs.tf"
  airflow_folder   = "tests/airflow"
}

run "small" {
  command = plan
}

run "production" {
  command = plan

  variables {
    size = "production"
  }
}
