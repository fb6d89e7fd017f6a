# API Gateway writes to the streams and to its access log.

data "aws_iam_policy_document" "kinesis" {
  statement {
    sid       = "Streams"
    actions   = ["kinesis:PutRecord", "kinesis:PutRecords"]
    resources = var.stream_arns
  }
  statement {
    sid       = "Key"
    actions   = ["kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_role" "kinesis" {
  name               = "${var.user_id}-kinesis-access-role"
  description        = "The API of ${var.user_id}, towards Kinesis"
  assume_role_policy = data.aws_iam_policy_document.trust["apigateway"].json
}

resource "aws_iam_role_policy" "kinesis" {
  name   = "put-records"
  role   = aws_iam_role.kinesis.id
  policy = data.aws_iam_policy_document.kinesis.json
}

resource "aws_iam_role" "api_logs" {
  name               = "${var.user_id}-api-logs-role"
  description        = "The API of ${var.user_id}, towards its logs"
  assume_role_policy = data.aws_iam_policy_document.trust["apigateway"].json
}

resource "aws_iam_role_policy_attachment" "api_logs" {
  role       = aws_iam_role.api_logs.name
  policy_arn = "${local.arn}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}
