# One pipeline, whole: every environment composes this module and adds only its provider and its sizes.

locals {
  entities          = ["pin", "geo", "user"]
  topics            = { for entity in local.entities : entity => "${var.user_id}.${entity}" }
  dead_letter_topic = "${var.user_id}.dead-letter"
}

module "storage" {
  source     = "../storage"
  bucket     = "user-${var.user_id}-bucket"
  disposable = var.disposable
}

module "api" {
  source         = "../api"
  name           = var.user_id
  kafka_rest_url = var.kafka_rest_url
  disposable     = var.disposable
}

# What a producer outside Terraform's reach looks up: where to send, and under which names.
resource "aws_ssm_parameter" "this" {
  for_each = {
    bootstrap-servers = var.bootstrap_servers
    bucket            = module.storage.bucket
    topics            = join(",", values(local.topics))
  }
  name  = "/${var.user_id}/${each.key}"
  type  = "String"
  value = each.value
}
