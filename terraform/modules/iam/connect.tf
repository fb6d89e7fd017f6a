# The connectors read the topics, land them in the bucket, and write dead letters.

data "aws_iam_policy_document" "connect" {
  statement {
    sid       = "Cluster"
    actions   = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka-cluster:WriteDataIdempotently"]
    resources = [local.cluster]
  }
  statement {
    sid       = "Events"
    actions   = ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"]
    resources = local.event_topics
  }
  statement {
    sid       = "DeadLetters"
    actions   = ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData", "kafka-cluster:WriteData"]
    resources = [local.dead_letter_topic]
  }
  statement {
    sid       = "InternalTopics" # of MSK Connect, with names of its choice
    actions   = ["kafka-cluster:CreateTopic", "kafka-cluster:DescribeTopic", "kafka-cluster:ReadData", "kafka-cluster:WriteData"]
    resources = ["${local.kafka}:topic/${var.cluster_name}/*/__amazon_msk_connect_*"]
  }
  statement {
    sid       = "Groups"
    actions   = ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"]
    resources = ["${local.groups}/__amazon_msk_connect_*", "${local.groups}/connect-*"]
  }
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [var.bucket_arn]
  }
  statement {
    sid       = "Objects"
    actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = ["${var.bucket_arn}/${var.topics_prefix}/*"]
  }
  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_role" "connect" {
  name               = "${var.user_id}-connect-role"
  description        = "The connectors of ${var.user_id}"
  assume_role_policy = data.aws_iam_policy_document.trust["kafkaconnect"].json
}

resource "aws_iam_role_policy" "connect" {
  name   = "sink"
  role   = aws_iam_role.connect.id
  policy = data.aws_iam_policy_document.connect.json
}
