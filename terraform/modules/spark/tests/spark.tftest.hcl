mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "0a1b2c3d4e5f-spark"
  release_label      = "emr-spark-8.1.0"
  max_vcpu           = 16
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-spark"]
}

run "it_starts_and_stops_automatically" {
  command = plan

  assert {
    condition     = aws_emrserverless_application.this.auto_start_configuration[0].enabled && aws_emrserverless_application.this.auto_stop_configuration[0].enabled && aws_emrserverless_application.this.auto_stop_configuration[0].idle_timeout_minutes == 15
    error_message = "It must start with a job, and stop 15 minutes after the last one."
  }
  assert {
    condition     = [for capacity in aws_emrserverless_application.this.maximum_capacity : "${capacity.cpu}, ${capacity.memory}, ${capacity.disk}"] == ["16 vCPU, 64 GB, 320 GB"]
    error_message = "All jobs together must have a limit, with 4 GB of memory and 20 GB of disk per vCPU."
  }
  assert {
    condition     = length(aws_emrserverless_application.this.initial_capacity) == 0
    error_message = "There must be no idle workers: they are charged."
  }
  assert {
    condition     = length(aws_emrserverless_application.this.image_configuration) == 0
    error_message = "The image of the release must be the default."
  }
}

run "a_job_takes_half_of_the_limit" {
  command = plan

  assert {
    condition = output.submit_parameters == join(" ", [
      "--conf spark.driver.cores=2",
      "--conf spark.driver.memory=7g",
      "--conf spark.driver.memoryOverhead=1g",
      "--conf spark.dynamicAllocation.initialExecutors=1",
      "--conf spark.dynamicAllocation.maxExecutors=3", # with the driver 4 of 2 vCPU and 8 GB: 8 of 16 vCPU, 32 of 64 GB
      "--conf spark.executor.cores=2",
      "--conf spark.executor.memory=7g",
      "--conf spark.executor.memoryOverhead=1g",
      "--conf spark.jars=/usr/share/aws/delta/lib/delta-spark.jar,/usr/share/aws/delta/lib/delta-storage.jar",
    ])
    error_message = "A job must leave capacity for a second one, and have Delta's jars."
  }
}

run "the_smallest_limit_holds_two_jobs" {
  command = plan

  variables {
    max_vcpu = 8
  }

  assert {
    condition     = strcontains(output.submit_parameters, "spark.dynamicAllocation.maxExecutors=1 ")
    error_message = "Of 8 vCPU a job's driver and executor must take 4."
  }
}

run "values_that_emr_serverless_refuses_are_refused" {
  command = plan

  variables {
    architecture = "arm64"
    max_vcpu     = 7
  }

  expect_failures = [var.architecture, var.max_vcpu]
}
