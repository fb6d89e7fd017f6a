# Plans without assertions: tests/terraform/test_places.py checks their names and numbers.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  user_id          = "0a1b2c3d4e5f"
  plugin_zip       = "versions.tf" # any file works
  kafka_client_zip = "outputs.tf"
  airflow_folder   = "tests/airflow"
}

run "four_from_a_letter" {
  command = plan

  variables {
    user_id = "a1b2"
  }
}

run "four_from_a_digit" {
  command = plan

  variables {
    user_id = "0a1b"
  }
}

run "thirty_two_from_a_letter" {
  command = plan

  variables {
    user_id = "abcdefghijklmnopqrstuvwxyz012345"
  }
}

run "thirty_two_from_a_digit" {
  command = plan

  variables {
    user_id = "0123456789abcdefghijklmnopqrstuv"
  }
}

run "thirty_two_with_hyphens" {
  command = plan

  variables {
    user_id = "a-b--c-d-e-f-g-h-i-j-k-l-m-n-o-4"
  }
}

run "two_zones_small" {
  command = plan

  variables {
    size = "small"
  }

  override_data {
    target = data.aws_availability_zones.this
    values = {
      names = ["xx-west-1a", "xx-west-1b"]
    }
  }
}

run "two_zones_production" {
  command = plan

  variables {
    size = "production"
  }

  override_data {
    target = data.aws_availability_zones.this
    values = {
      names = ["xx-west-1a", "xx-west-1b"]
    }
  }
}

run "six_zones_small" {
  command = plan

  variables {
    size = "small"
  }

  override_data {
    target = data.aws_availability_zones.this
    values = {
      names = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"]
    }
  }
}

run "six_zones_production" {
  command = plan

  variables {
    size = "production"
  }

  override_data {
    target = data.aws_availability_zones.this
    values = {
      names = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"]
    }
  }
}
