# Two plans without assertions: tests/terraform/test_engines.py compares every value in them.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  user_id          = "0a1b2c3d4e5f"
  plugin_zip       = "versions.tf" # any file works
  kafka_client_zip = "outputs.tf"
  airflow_folder   = "tests/airflow"
}

run "emr" {
  command = plan
}

run "databricks" {
  command = plan

  variables {
    airflow_engine = "databricks"
    databricks     = { external_ids = ["11111111-2222"] }
  }
}
