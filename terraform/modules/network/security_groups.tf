# The connections that components may open. All others are blocked. Only internet.tf has rules with internet addresses.

locals {
  groups = {
    brokers       = "Kafka brokers"
    connect       = "Kafka Connect workers"
    kafka-client  = "The Kafka client"
    load-balancer = "Load balancer of the Kafka REST proxy"
    rest-proxy    = "Kafka REST proxy"
    database      = "The source database"
    airflow       = "Airflow"
    spark         = "Spark jobs"
    endpoints     = "Endpoints of AWS services"
  }

  # MSK's port for IAM clients is 9098.
  flows = concat(
    [
      { from = "connect", to = "brokers", port = 9098 },
      { from = "kafka-client", to = "brokers", port = 9098 },
      { from = "rest-proxy", to = "brokers", port = 9098 },
      { from = "load-balancer", to = "rest-proxy", port = var.rest_proxy_port },
      { from = "kafka-client", to = "database", port = 3306 },
    ],
    [for group in local.aws_users : { from = group, to = "endpoints", port = 443 }],
  )
  aws_users = ["airflow", "connect", "kafka-client", "rest-proxy", "spark"]
  rules     = { for flow in local.flows : "${flow.from}-${flow.to}" => flow }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:Attached by the modules that get these ids
  for_each    = local.groups
  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each                     = local.rules
  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "To ${each.value.to}"
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each                     = local.rules
  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "From ${each.value.from}"
}

# Airflow's scheduler, workers and web server connect to each other; so do Spark's driver and executors.
resource "aws_vpc_security_group_egress_rule" "within" {
  for_each                     = toset(["airflow", "spark"])
  security_group_id            = aws_security_group.this[each.key].id
  referenced_security_group_id = aws_security_group.this[each.key].id
  ip_protocol                  = "-1"
  description                  = "Within ${each.key}"
}

resource "aws_vpc_security_group_ingress_rule" "within" {
  for_each                     = toset(["airflow", "spark"])
  security_group_id            = aws_security_group.this[each.key].id
  referenced_security_group_id = aws_security_group.this[each.key].id
  ip_protocol                  = "-1"
  description                  = "Within ${each.key}"
}

data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.${data.aws_region.current.name}.s3"
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  for_each          = toset(local.aws_users)
  security_group_id = aws_security_group.this[each.key].id
  prefix_list_id    = data.aws_ec2_managed_prefix_list.s3.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "To S3"
}
