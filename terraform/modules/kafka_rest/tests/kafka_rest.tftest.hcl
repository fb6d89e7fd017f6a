mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name                             = "0a1b2c3d4e5f-rest-proxy"
  image                            = "123456789012.dkr.ecr.us-east-1.amazonaws.com/rest-proxy@sha256:0a1b"
  environment                      = { KAFKA_REST_BOOTSTRAP_SERVERS = "b-1.mock:9098" }
  cpu                              = 512
  memory                           = 1024
  min_tasks                        = 2
  max_tasks                        = 8
  vpc_id                           = "vpc-0a1b"
  subnet_ids                       = ["subnet-a", "subnet-b"]
  security_group_ids               = ["sg-rest-proxy"]
  load_balancer_security_group_ids = ["sg-load-balancer"]
  execution_role_arn               = "arn:aws:iam::123456789012:role/execution"
  task_role_arn                    = "arn:aws:iam::123456789012:role/task"
  kms_key_arn                      = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
}

run "the_container_has_few_privileges" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem == true
    error_message = "The root file system must be read-only."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user == "1000"
    error_message = "The container must not run as root."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].mountPoints == [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    error_message = "/tmp must be the only writable path."
  }
  assert {
    condition = alltrue([
      aws_ecs_task_definition.this.execution_role_arn == "arn:aws:iam::123456789012:role/execution",
      aws_ecs_task_definition.this.task_role_arn == "arn:aws:iam::123456789012:role/task",
    ])
    error_message = "The execution role and the task role must differ."
  }
}

run "the_proxy_knows_kafka_and_its_own_name_and_logs" {
  command = plan

  assert {
    condition = { for variable in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : variable.name => variable.value } == {
      KAFKA_REST_BOOTSTRAP_SERVERS = "b-1.mock:9098"
      KAFKA_REST_TLS_NAME          = "mock.elb.us-east-1.amazonaws.com"
    }
    error_message = "The proxy must get the address of Kafka, and the name for its TLS certificate."
  }
  assert {
    condition = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].logConfiguration == {
      logDriver = "awslogs"
      options = {
        awslogs-group         = "/ecs/0a1b2c3d4e5f-rest-proxy"
        awslogs-region        = "us-east-1"
        awslogs-stream-prefix = "rest-proxy"
      }
    }
    error_message = "The container must log to CloudWatch."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 30 && aws_cloudwatch_log_group.this.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/0a1b"
    error_message = "Logs must be encrypted, and kept for 30 days by default."
  }
}

run "only_the_vpc_link_reaches_it" {
  command = plan

  assert {
    condition     = aws_lb.this.internal && aws_lb.this.load_balancer_type == "network" && aws_lb.this.security_groups == toset(["sg-load-balancer"])
    error_message = "The load balancer must be internal, in its group."
  }
  assert {
    condition     = aws_lb_listener.this.port == 443 && aws_lb_listener.this.protocol == "TCP" && aws_lb_target_group.this.protocol == "TCP" && aws_lb_target_group.this.port == 8082
    error_message = "TLS must be passed through to the tasks."
  }
  assert {
    condition     = aws_api_gateway_vpc_link.this.target_arns == tolist(["arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/mock/0123456789abcdef"])
    error_message = "The VPC link must target the load balancer."
  }
  assert {
    condition     = output.url == "https://mock.elb.us-east-1.amazonaws.com"
    error_message = "The URL must use TLS and the name of the load balancer."
  }
  assert {
    condition     = one(aws_ecs_service.this.network_configuration).assign_public_ip == false
    error_message = "Tasks must have no public address."
  }
}

run "only_tasks_that_reach_kafka_get_requests" {
  command = plan

  assert {
    condition = alltrue([
      aws_lb_target_group.this.health_check[0].protocol == "HTTPS",
      aws_lb_target_group.this.health_check[0].path == "/health",
    ])
    error_message = "The health check must use HTTPS, and the path that checks Kafka."
  }
  assert {
    condition     = aws_ecs_service.this.deployment_minimum_healthy_percent == 100 && aws_ecs_service.this.deployment_circuit_breaker[0].enable && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "A new version must be healthy before it replaces the old one, or be rolled back."
  }
}

run "another_proxy_has_its_own_health_check" {
  command = plan

  variables {
    health_check_path = "/v3/clusters"
  }

  assert {
    condition     = aws_lb_target_group.this.health_check[0].protocol == "HTTPS" && aws_lb_target_group.this.health_check[0].path == "/v3/clusters"
    error_message = "The health check must use the given path."
  }
}

run "the_number_of_tasks_follows_the_load" {
  command = plan

  assert {
    condition     = aws_ecs_service.this.desired_count == 2
    error_message = "The service must start with min_tasks."
  }
  assert {
    condition     = aws_appautoscaling_target.tasks.resource_id == "service/0a1b2c3d4e5f-rest-proxy/0a1b2c3d4e5f-rest-proxy"
    error_message = "The service itself must be scaled."
  }
  assert {
    condition = alltrue([
      one(aws_appautoscaling_policy.tasks.target_tracking_scaling_policy_configuration).target_value == 60,
      one(one(aws_appautoscaling_policy.tasks.target_tracking_scaling_policy_configuration).predefined_metric_specification).predefined_metric_type == "ECSServiceAverageCPUUtilization",
    ])
    error_message = "Tasks must be added at 60 percent of CPU."
  }
  assert {
    condition     = aws_lb.this.enable_deletion_protection
    error_message = "A load balancer that is not disposable must be protected."
  }
}

run "a_disposable_proxy_is_not_protected" {
  command = plan

  variables {
    disposable = true
  }

  assert {
    condition     = !aws_lb.this.enable_deletion_protection
    error_message = "Destroying an offline estate must need no preparation."
  }
}

run "a_long_name_an_unknown_size_and_no_tasks_are_refused" {
  command = plan

  variables {
    name      = "0123456789-0123456789-0123456789-"
    cpu       = 500
    min_tasks = 0
  }

  expect_failures = [var.name, var.cpu, var.min_tasks]
}

run "a_maximum_below_the_minimum_is_refused" {
  command = plan

  variables {
    max_tasks = 1
  }

  expect_failures = [var.max_tasks]
}
