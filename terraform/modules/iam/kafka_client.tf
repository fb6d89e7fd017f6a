# <user_id>-ec2-access-role: the EC2 client creates the topics; users of its shell read and write them.

data "aws_iam_policy_document" "kafka_client" {
  statement {
    sid       = "Cluster"
    actions   = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka-cluster:WriteDataIdempotently"]
    resources = [local.cluster]
  }
  statement {
    sid = "Topics"
    actions = [
      "kafka-cluster:AlterTopic",
      "kafka-cluster:AlterTopicDynamicConfiguration",
      "kafka-cluster:CreateTopic",
      "kafka-cluster:DescribeTopic",
      "kafka-cluster:DescribeTopicDynamicConfiguration",
      "kafka-cluster:ReadData",
      "kafka-cluster:WriteData",
    ]
    resources = concat(local.event_topics, [local.dead_letter_topic])
  }
  statement {
    sid       = "ConsoleConsumer"
    actions   = ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"]
    resources = ["${local.groups}/console-consumer-*"]
  }
  statement {
    sid       = "SeeTheConnectors"
    actions   = ["kafka-cluster:DescribeGroup"]
    resources = ["${local.groups}/connect-${var.user_id}-*"]
  }
  statement {
    sid       = "Tools"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arn}/${var.artifacts_prefix}/*"]
  }
  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_role" "kafka_client" {
  name               = "${var.user_id}-ec2-access-role"
  description        = "The Kafka client of ${var.user_id}"
  assume_role_policy = data.aws_iam_policy_document.trust["ec2"].json
}

resource "aws_iam_role_policy" "kafka_client" {
  name   = "kafka-client"
  role   = aws_iam_role.kafka_client.id
  policy = data.aws_iam_policy_document.kafka_client.json
}

resource "aws_iam_role_policy_attachment" "kafka_client_ssm" {
  role       = aws_iam_role.kafka_client.name
  policy_arn = "${local.arn}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "kafka_client" {
  name = "${var.user_id}-ec2-access-role"
  role = aws_iam_role.kafka_client.name
}
