# The provider that renders policies is mocked: the tests check the statements.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  user_id                    = "0a1b2c3d4e5f"
  cluster_name               = "0a1b2c3d4e5f-msk"
  topics                     = ["0a1b2c3d4e5f.pin", "0a1b2c3d4e5f.geo"]
  dead_letter_topic          = "0a1b2c3d4e5f.dead-letter"
  stream_arns                = ["arn:aws:kinesis:us-east-1:123456789012:stream/0a1b2c3d4e5f-pin"]
  bucket_arn                 = "arn:aws:s3:::user-0a1b2c3d4e5f-bucket"
  topics_prefix              = "topics"
  artifacts_prefix           = "artifacts"
  spark_prefixes             = ["tables", "report"]
  result_prefixes            = ["report"]
  kms_key_arn                = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
  rest_proxy_name            = "0a1b2c3d4e5f-rest-proxy"
  rest_proxy_repository_arns = ["arn:aws:ecr:us-east-1:123456789012:repository/0a1b2c3d4e5f/rest-proxy", "arn:aws:ecr:us-east-1:123456789012:repository/0a1b2c3d4e5f/kafka-rest"]
  airflow_name               = "airflow-0a1b2c3d4e5f"
  spark_application_arn      = "arn:aws:emr-serverless:us-east-1:123456789012:/applications/00f"
  alarm_topic_arn            = "arn:aws:sns:us-east-1:123456789012:0a1b2c3d4e5f-alarms"
}

run "each_component_has_its_own_role" {
  command = plan

  assert {
    condition = [
      aws_iam_role.airflow.name, aws_iam_role.api_logs.name, aws_iam_role.connect.name, aws_iam_role.ecs_execution.name,
      aws_iam_role.kafka_client.name, aws_iam_role.kinesis.name, aws_iam_role.rest_proxy.name, aws_iam_role.spark.name,
      ] == [
      "0a1b2c3d4e5f-airflow-role", "0a1b2c3d4e5f-api-logs-role", "0a1b2c3d4e5f-connect-role", "0a1b2c3d4e5f-ecs-execution-role",
      "0a1b2c3d4e5f-ec2-access-role", "0a1b2c3d4e5f-kinesis-access-role", "0a1b2c3d4e5f-rest-proxy-role", "0a1b2c3d4e5f-spark-role",
    ]
    error_message = "Roles must be named after the user and what they are for."
  }
  assert {
    condition     = aws_iam_instance_profile.kafka_client.name == "0a1b2c3d4e5f-ec2-access-role" && aws_iam_instance_profile.kafka_client.role == "0a1b2c3d4e5f-ec2-access-role"
    error_message = "The EC2 client must take <user_id>-ec2-access-role."
  }
  assert {
    condition     = aws_iam_role_policy_attachment.kafka_client_ssm.policy_arn == "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" && aws_iam_role_policy_attachment.kafka_client_ssm.role == "0a1b2c3d4e5f-ec2-access-role"
    error_message = "The EC2 client must be reached through Session Manager."
  }
}

run "roles_are_taken_by_their_services_alone" {
  command = plan

  assert {
    condition = {
      for name, document in data.aws_iam_policy_document.trust : name => flatten([
        for statement in document.statement : [tolist(statement.actions), [for principal in statement.principals : [principal.type, sort(principal.identifiers)]]]
      ])
      } == {
      airflow       = ["sts:AssumeRole", "Service", "airflow-env.amazonaws.com", "airflow.amazonaws.com"]
      apigateway    = ["sts:AssumeRole", "Service", "apigateway.amazonaws.com"]
      ec2           = ["sts:AssumeRole", "Service", "ec2.amazonaws.com"]
      ecs           = ["sts:AssumeRole", "Service", "ecs-tasks.amazonaws.com"]
      emrserverless = ["sts:AssumeRole", "Service", "emr-serverless.amazonaws.com"]
      kafkaconnect  = ["sts:AssumeRole", "Service", "kafkaconnect.amazonaws.com"]
    }
    error_message = "Each trust policy must name one service."
  }
  assert {
    condition = {
      for name, document in data.aws_iam_policy_document.trust : name => flatten([
        for statement in document.statement : [for condition in statement.condition : [condition.test, condition.variable, tolist(condition.values)]]
      ])
      } == {
      airflow       = []
      apigateway    = []
      ec2           = []
      ecs           = ["StringEquals", "aws:SourceAccount", "123456789012"]
      emrserverless = ["StringEquals", "aws:SourceAccount", "123456789012"]
      kafkaconnect  = ["StringEquals", "aws:SourceAccount", "123456789012"]
    }
    error_message = "Services that send a source account must act only for this account."
  }
}

run "each_role_has_its_own_trust_policy" {
  command = plan

  override_data {
    target = data.aws_iam_policy_document.trust["airflow"]
    values = { json = "{\"Id\":\"airflow\"}" }
  }
  override_data {
    target = data.aws_iam_policy_document.trust["apigateway"]
    values = { json = "{\"Id\":\"apigateway\"}" }
  }
  override_data {
    target = data.aws_iam_policy_document.trust["ec2"]
    values = { json = "{\"Id\":\"ec2\"}" }
  }
  override_data {
    target = data.aws_iam_policy_document.trust["ecs"]
    values = { json = "{\"Id\":\"ecs\"}" }
  }
  override_data {
    target = data.aws_iam_policy_document.trust["emrserverless"]
    values = { json = "{\"Id\":\"emrserverless\"}" }
  }
  override_data {
    target = data.aws_iam_policy_document.trust["kafkaconnect"]
    values = { json = "{\"Id\":\"kafkaconnect\"}" }
  }

  assert {
    condition = {
      airflow       = jsondecode(aws_iam_role.airflow.assume_role_policy).Id
      api_logs      = jsondecode(aws_iam_role.api_logs.assume_role_policy).Id
      connect       = jsondecode(aws_iam_role.connect.assume_role_policy).Id
      ecs_execution = jsondecode(aws_iam_role.ecs_execution.assume_role_policy).Id
      kafka_client  = jsondecode(aws_iam_role.kafka_client.assume_role_policy).Id
      kinesis       = jsondecode(aws_iam_role.kinesis.assume_role_policy).Id
      rest_proxy    = jsondecode(aws_iam_role.rest_proxy.assume_role_policy).Id
      spark         = jsondecode(aws_iam_role.spark.assume_role_policy).Id
      } == {
      airflow       = "airflow"
      api_logs      = "apigateway"
      connect       = "kafkaconnect"
      ecs_execution = "ecs"
      kafka_client  = "ec2"
      kinesis       = "apigateway"
      rest_proxy    = "ecs"
      spark         = "emrserverless"
    }
    error_message = "Only the service of a role may assume it."
  }
}

run "images_come_from_the_given_repositories" {
  command = plan

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.ecs_execution.statement : sort(statement.resources) if statement.sid == "Image"
    ] == [tolist(["arn:aws:ecr:us-east-1:123456789012:repository/0a1b2c3d4e5f/kafka-rest", "arn:aws:ecr:us-east-1:123456789012:repository/0a1b2c3d4e5f/rest-proxy"])]
    error_message = "The execution role may pull only from these repositories."
  }
}

run "each_component_has_its_own_access_to_kafka" {
  command = plan

  assert {
    condition = {
      for statement in data.aws_iam_policy_document.rest_proxy.statement : statement.sid => flatten([sort(statement.actions), sort(statement.resources)])
      } == {
      Cluster = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka-cluster:WriteDataIdempotently", "arn:aws:kafka:us-east-1:123456789012:cluster/0a1b2c3d4e5f-msk/*"]
      Topics = [
        "kafka-cluster:DescribeTopic", "kafka-cluster:WriteData",
        "arn:aws:kafka:us-east-1:123456789012:topic/0a1b2c3d4e5f-msk/*/0a1b2c3d4e5f.geo",
        "arn:aws:kafka:us-east-1:123456789012:topic/0a1b2c3d4e5f-msk/*/0a1b2c3d4e5f.pin",
      ]
    }
    error_message = "The REST proxy may only write to the topics of events."
  }
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.connect.statement : statement.sid => flatten([sort(statement.actions), sort(statement.resources)]) if contains(["Events", "DeadLetters"], statement.sid)
      } == {
      Events = [
        "kafka-cluster:DescribeTopic", "kafka-cluster:ReadData",
        "arn:aws:kafka:us-east-1:123456789012:topic/0a1b2c3d4e5f-msk/*/0a1b2c3d4e5f.geo",
        "arn:aws:kafka:us-east-1:123456789012:topic/0a1b2c3d4e5f-msk/*/0a1b2c3d4e5f.pin",
      ]
      DeadLetters = [
        "kafka-cluster:DescribeTopic", "kafka-cluster:ReadData", "kafka-cluster:WriteData",
        "arn:aws:kafka:us-east-1:123456789012:topic/0a1b2c3d4e5f-msk/*/0a1b2c3d4e5f.dead-letter",
      ]
    }
    error_message = "The connectors may read events, and write only dead letters."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.kafka_client.statement : flatten([sort(statement.actions), sort(statement.resources)]) if statement.sid == "Topics"
      ] == [[
        "kafka-cluster:AlterTopic", "kafka-cluster:AlterTopicDynamicConfiguration", "kafka-cluster:CreateTopic", "kafka-cluster:DescribeTopic",
        "kafka-cluster:DescribeTopicDynamicConfiguration", "kafka-cluster:ReadData", "kafka-cluster:WriteData",
        "arn:aws:kafka:us-east-1:123456789012:topic/0a1b2c3d4e5f-msk/*/0a1b2c3d4e5f.dead-letter",
        "arn:aws:kafka:us-east-1:123456789012:topic/0a1b2c3d4e5f-msk/*/0a1b2c3d4e5f.geo",
        "arn:aws:kafka:us-east-1:123456789012:topic/0a1b2c3d4e5f-msk/*/0a1b2c3d4e5f.pin",
    ]]
    error_message = "The EC2 client may create, read and write the topics, but not delete them."
  }
}

run "each_writes_only_below_its_own_prefix" {
  command = plan

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.connect.statement : flatten([sort(statement.actions), sort(statement.resources)]) if statement.sid == "Objects"
    ] == [["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject", "arn:aws:s3:::user-0a1b2c3d4e5f-bucket/topics/*"]]
    error_message = "The connectors may write below the prefix of the topics, and delete nothing."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.spark.statement : flatten([sort(statement.resources)]) if length([for action in statement.actions : action if contains(["s3:PutObject", "s3:DeleteObject"], action)]) > 0
    ] == [["arn:aws:s3:::user-0a1b2c3d4e5f-bucket/report/*", "arn:aws:s3:::user-0a1b2c3d4e5f-bucket/tables/*"]]
    error_message = "The jobs may write and delete only below their prefixes, and not landed objects."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.kafka_client.statement : flatten([sort(statement.actions), sort(statement.resources)]) if strcontains(join(" ", statement.actions), "s3:")
    ] == [["s3:GetObject", "arn:aws:s3:::user-0a1b2c3d4e5f-bucket/artifacts/*"]]
    error_message = "The EC2 client may read only the artifacts."
  }
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.kinesis.statement : statement.sid => flatten([sort(statement.actions), sort(statement.resources)])
      } == {
      Streams = ["kinesis:PutRecord", "kinesis:PutRecords", "arn:aws:kinesis:us-east-1:123456789012:stream/0a1b2c3d4e5f-pin"]
      Key     = ["kms:GenerateDataKey", "arn:aws:kms:us-east-1:123456789012:key/0a1b"]
    }
    error_message = "The API may only put records into the streams."
  }
}

run "permissions_are_minimal" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for document in [
        data.aws_iam_policy_document.airflow, data.aws_iam_policy_document.connect, data.aws_iam_policy_document.ecs_execution, data.aws_iam_policy_document.kafka_client,
        data.aws_iam_policy_document.kinesis, data.aws_iam_policy_document.rest_proxy, data.aws_iam_policy_document.run_jobs, data.aws_iam_policy_document.spark,
      ] : [for statement in document.statement : [for action in statement.actions : !endswith(action, ":*") && action != "*"]]
    ]))
    error_message = "No role may have all actions of a service."
  }
  assert {
    condition = toset(flatten([
      for document in [
        data.aws_iam_policy_document.airflow, data.aws_iam_policy_document.connect, data.aws_iam_policy_document.ecs_execution, data.aws_iam_policy_document.kafka_client,
        data.aws_iam_policy_document.kinesis, data.aws_iam_policy_document.rest_proxy, data.aws_iam_policy_document.run_jobs, data.aws_iam_policy_document.spark,
      ] : [for statement in document.statement : tolist(statement.actions) if contains(tolist(statement.resources), "*")]
    ])) == toset(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken", "logs:DescribeLogGroups", "s3:GetAccountPublicAccessBlock"])
    error_message = "Only actions that support no resource may be allowed on all."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.airflow.statement : flatten([for condition in statement.condition : [condition.test, condition.variable, tolist(condition.values)]]) if contains(statement.actions, "cloudwatch:PutMetricData")
    ] == [["StringEquals", "cloudwatch:namespace", "AmazonMWAA"]]
    error_message = "Airflow may put metrics only into its own namespace."
  }
}

run "airflow_and_holders_of_the_policy_run_jobs" {
  command = plan

  assert {
    condition = {
      for statement in data.aws_iam_policy_document.run_jobs.statement : statement.sid => flatten([sort(statement.actions), sort(statement.resources)])
      } == {
      StartJobs = [
        "emr-serverless:GetApplication", "emr-serverless:ListJobRuns", "emr-serverless:StartApplication", "emr-serverless:StartJobRun",
        "arn:aws:emr-serverless:us-east-1:123456789012:/applications/00f",
      ]
      FollowJobs = [
        "emr-serverless:CancelJobRun", "emr-serverless:GetDashboardForJobRun", "emr-serverless:GetJobRun",
        "arn:aws:emr-serverless:us-east-1:123456789012:/applications/00f/jobruns/*",
      ]
      JobsActAsTheirRole = ["iam:PassRole", "arn:aws:iam::123456789012:role/mock"]
      Results            = ["s3:GetObject", "arn:aws:s3:::user-0a1b2c3d4e5f-bucket/report/*"]
      Key                = ["kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/0a1b"]
    }
    error_message = "The policy may only start, follow and read jobs of this application."
  }
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.run_jobs.statement : statement.sid => flatten([for condition in statement.condition : [condition.test, condition.variable, tolist(condition.values)]]) if length(statement.condition) > 0
    } == { JobsActAsTheirRole = ["StringEquals", "iam:PassedToService", "emr-serverless.amazonaws.com"] }
    error_message = "The role of the jobs may only be passed to EMR Serverless."
  }
  assert {
    condition = alltrue([
      aws_iam_policy.run_jobs.name == "0a1b2c3d4e5f-run-jobs", output.run_jobs_policy_arn == "arn:aws:iam::123456789012:policy/mock",
      aws_iam_role_policy_attachment.airflow_run_jobs.role == "0a1b2c3d4e5f-airflow-role", aws_iam_role_policy_attachment.airflow_run_jobs.policy_arn == "arn:aws:iam::123456789012:policy/mock",
    ])
    error_message = "Airflow must have the policy, and an output must have its ARN."
  }
}

run "airflow_publishes_alarms_and_reads_no_secret" {
  command = plan

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.airflow.statement : flatten([sort(statement.actions), sort(statement.resources)]) if strcontains(join(" ", statement.actions), "sns:")
    ] == [["sns:Publish", "arn:aws:sns:us-east-1:123456789012:0a1b2c3d4e5f-alarms"]]
    error_message = "Airflow may publish only to the topic of the alarms."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.airflow.statement : flatten([sort(statement.actions), sort(statement.resources)]) if statement.sid == "Key"
    ] == [["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "arn:aws:kms:us-east-1:123456789012:key/0a1b"]]
    error_message = "The topic is encrypted: publishers need its key."
  }
  assert {
    condition     = !strcontains(join(" ", flatten([for statement in data.aws_iam_policy_document.airflow.statement : tolist(statement.actions)])), "secretsmanager:")
    error_message = "Without connections in Secrets Manager, Airflow may not read secrets."
  }
  assert {
    condition     = length(aws_iam_role.databricks) == 0 && length(aws_iam_role_policy.databricks) == 0 && output.databricks_role_arn == null
    error_message = "Without Databricks there must not be a role for it."
  }
}

run "airflow_reads_its_connections" {
  command = plan

  variables {
    connections_prefix = "0a1b2c3d4e5f/airflow/connections"
  }

  assert {
    condition = [
      for statement in data.aws_iam_policy_document.airflow.statement : flatten([sort(statement.actions), sort(statement.resources)]) if strcontains(join(" ", statement.actions), "secretsmanager:")
    ] == [["secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:123456789012:secret:0a1b2c3d4e5f/airflow/connections/*"]]
    error_message = "Airflow may read only the secrets of its connections."
  }
}

run "databricks_has_the_permissions_of_the_jobs" {
  command = plan

  variables {
    databricks_external_ids = ["11111111-2222", "33333333-4444"]
  }

  override_data {
    target = data.aws_iam_policy_document.spark
    values = { json = "{\"Id\":\"spark\"}" }
  }

  assert {
    condition     = aws_iam_role.databricks[0].name == "0a1b2c3d4e5f-databricks-role" && output.databricks_role_arn == "arn:aws:iam::123456789012:role/mock"
    error_message = "The role must be <user_id>-databricks-role, and be an output."
  }
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.databricks_trust[0].statement : statement.sid => flatten([
        tolist(statement.actions), [for principal in statement.principals : [principal.type, tolist(principal.identifiers)]],
        [for condition in statement.condition : [condition.test, condition.variable, sort(condition.values)]],
      ])
      } == {
      UnityCatalog = [
        "sts:AssumeRole", "AWS", "arn:aws:iam::414351767826:role/unity-catalog-prod-UCMasterRole-14S5ZJVKOTYTL",
        "StringEquals", "sts:ExternalId", "11111111-2222", "33333333-4444",
      ]
      Itself = [
        "sts:AssumeRole", "AWS", "arn:aws:iam::123456789012:root",
        "ArnEquals", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/0a1b2c3d4e5f-databricks-role",
        "StringEquals", "sts:ExternalId", "11111111-2222", "33333333-4444",
      ]
    }
    error_message = "Only Unity Catalog and the role itself may assume it, with the external ids."
  }
  assert {
    condition     = data.aws_iam_policy_document.databricks[0].source_policy_documents == tolist(["{\"Id\":\"spark\"}"])
    error_message = "The role for Databricks must have the permissions of the jobs' role."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.databricks[0].statement : flatten([tolist(statement.actions), tolist(statement.resources)])
    ] == [["sts:AssumeRole", "arn:aws:iam::123456789012:role/0a1b2c3d4e5f-databricks-role"]]
    error_message = "Besides these it may only assume itself."
  }
}
