# The role of the jobs on Databricks, with the permissions of the Spark jobs (spark.tf). Unity Catalog assumes it for its
# storage and service credentials, and requires that the role can assume itself.

locals {
  databricks      = length(var.databricks_external_ids) > 0 ? 1 : 0
  databricks_role = "${var.user_id}-databricks-role"
  # By name: the trust policy cannot refer to its own role, which does not exist yet.
  databricks_role_arn = "${local.arn}:iam::${local.account}:role/${local.databricks_role}"
  # Databricks' own role, except for government accounts.
  unity_catalog = "arn:aws:iam::414351767826:role/unity-catalog-prod-UCMasterRole-14S5ZJVKOTYTL"
}

data "aws_iam_policy_document" "databricks_trust" {
  count = local.databricks
  statement {
    sid     = "UnityCatalog"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [local.unity_catalog]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = var.databricks_external_ids
    }
  }
  statement {
    sid     = "Itself"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["${local.arn}:iam::${local.account}:root"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:PrincipalArn"
      values   = [local.databricks_role_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = var.databricks_external_ids
    }
  }
}

data "aws_iam_policy_document" "databricks" {
  count                   = local.databricks
  source_policy_documents = [data.aws_iam_policy_document.spark.json]
  statement {
    sid       = "Itself"
    actions   = ["sts:AssumeRole"]
    resources = [local.databricks_role_arn]
  }
}

resource "aws_iam_role" "databricks" {
  count              = local.databricks
  name               = local.databricks_role
  description        = "Databricks, for the Spark jobs of ${var.user_id}"
  assume_role_policy = data.aws_iam_policy_document.databricks_trust[0].json
}

resource "aws_iam_role_policy" "databricks" {
  count  = local.databricks
  name   = "jobs"
  role   = aws_iam_role.databricks[0].id
  policy = data.aws_iam_policy_document.databricks[0].json
}
