# The Kafka REST proxy produces to the topics of events; ECS starts it.

data "aws_iam_policy_document" "rest_proxy" {
  statement {
    sid       = "Cluster"
    actions   = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka-cluster:WriteDataIdempotently"]
    resources = [local.cluster]
  }
  statement {
    sid       = "Topics"
    actions   = ["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"]
    resources = local.event_topics
  }
}

resource "aws_iam_role" "rest_proxy" {
  name               = "${var.user_id}-rest-proxy-role"
  description        = "The Kafka REST proxy of ${var.user_id}"
  assume_role_policy = data.aws_iam_policy_document.trust["ecs"].json
}

resource "aws_iam_role_policy" "rest_proxy" {
  name   = "kafka-producer"
  role   = aws_iam_role.rest_proxy.id
  policy = data.aws_iam_policy_document.rest_proxy.json
}

data "aws_iam_policy_document" "ecs_execution" {
  statement {
    sid       = "Login" # supports no resource
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  statement {
    sid       = "Image"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = var.rest_proxy_repository_arns
  }
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.arn}:logs:${local.region}:${local.account}:log-group:/ecs/${var.rest_proxy_name}:*"]
  }
}

resource "aws_iam_role" "ecs_execution" {
  name               = "${var.user_id}-ecs-execution-role"
  description        = "Starts the Kafka REST proxy of ${var.user_id}"
  assume_role_policy = data.aws_iam_policy_document.trust["ecs"].json
}

resource "aws_iam_role_policy" "ecs_execution" {
  name   = "start-tasks"
  role   = aws_iam_role.ecs_execution.id
  policy = data.aws_iam_policy_document.ecs_execution.json
}
