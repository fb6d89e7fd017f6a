# EMR Serverless for the Spark jobs. It is only charged while a job runs.

locals {
  # Each driver and executor has 2 vCPU and 8 GB, the ratio of the application's limit. A job takes at most half of the
  # limit: a second job fails if its driver finds no capacity.
  workers = floor(var.max_vcpu / 2 / 2)
  settings = {
    "spark.jars"                               = "/usr/share/aws/delta/lib/delta-spark.jar,/usr/share/aws/delta/lib/delta-storage.jar"
    "spark.driver.cores"                       = 2
    "spark.driver.memory"                      = "7g"
    "spark.driver.memoryOverhead"              = "1g"
    "spark.executor.cores"                     = 2
    "spark.executor.memory"                    = "7g"
    "spark.executor.memoryOverhead"            = "1g"
    "spark.dynamicAllocation.initialExecutors" = 1
    "spark.dynamicAllocation.maxExecutors"     = local.workers - 1
  }
}

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
