# EMR Serverless: where the Spark jobs run. Nothing is charged while no job runs.

resource "aws_emrserverless_application" "this" {
  name          = var.name
  release_label = var.release_label
  type          = "SPARK"
  architecture  = var.architecture

  dynamic "image_configuration" {
    for_each = var.image == null ? [] : [var.image]
    content {
      image_uri = image_configuration.value
    }
  }

  maximum_capacity {
    cpu    = "${var.max_vcpu} vCPU"
    memory = "${var.max_vcpu * 4} GB"
    disk   = "${var.max_vcpu * 20} GB"
  }

  auto_start_configuration {
    enabled = true
  }

  auto_stop_configuration {
    enabled              = true
    idle_timeout_minutes = 15
  }

  network_configuration {
    subnet_ids         = var.subnet_ids
    security_group_ids = var.security_group_ids
  }
}
