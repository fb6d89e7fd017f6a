mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name                = "0a1b2c3d4e5f"
  zones               = ["us-east-1a", "us-east-1b", "us-east-1c"]
  interface_endpoints = ["kms", "logs"]
}

run "a_private_subnet_in_each_of_three_zones" {
  command = plan

  assert {
    condition = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == {
      us-east-1a = "10.40.0.0/18"
      us-east-1b = "10.40.64.0/18"
      us-east-1c = "10.40.128.0/18"
    }
    error_message = "Each zone must have its quarter of the block."
  }
  assert {
    condition     = alltrue([for zone, subnet in aws_subnet.private : subnet.availability_zone == zone && subnet.map_public_ip_on_launch != true])
    error_message = "Each subnet must be in its zone, and assign no public addresses."
  }
  assert {
    condition     = output.subnet_ids == [for zone in ["us-east-1a", "us-east-1b", "us-east-1c"] : aws_subnet.private[zone].id]
    error_message = "The ids must be in the order of the zones."
  }
  assert {
    condition     = alltrue([aws_vpc.this.enable_dns_support, aws_vpc.this.enable_dns_hostnames])
    error_message = "Both are needed to resolve the names of AWS services to the endpoints."
  }
}

run "there_is_no_internet_access" {
  command = plan

  assert {
    condition = alltrue([
      length(aws_internet_gateway.this) == 0, length(aws_nat_gateway.this) == 0, length(aws_eip.nat) == 0, length(aws_subnet.public) == 0,
      length(aws_route_table.public) == 0, length(aws_route.internet) == 0, length(aws_route.nat) == 0,
      length(aws_route_table_association.public) == 0, length(aws_vpc_security_group_egress_rule.internet) == 0,
    ])
    error_message = "Without internet_users there must be no route to the internet."
  }
  assert {
    # All resource types in the other files: an internet gateway, a NAT gateway or a route would be another one.
    condition = toset(flatten([
      for name in setsubtract(fileset(path.module, "*.tf"), ["internet.tf"]) : regexall("(?m)^resource \"(\\w+)\"", file("${path.module}/${name}"))
      ])) == toset([
      "aws_default_security_group",
      "aws_route_table",
      "aws_route_table_association",
      "aws_security_group",
      "aws_subnet",
      "aws_vpc",
      "aws_vpc_endpoint",
      "aws_vpc_security_group_egress_rule",
      "aws_vpc_security_group_ingress_rule",
    ])
    error_message = "The rest of the network must have only these resource types."
  }
  assert {
    condition = alltrue([
      for name in setsubtract(fileset(path.module, "*.tf"), ["internet.tf"]) : !strcontains(file("${path.module}/${name}"), "0.0.0.0/0") && !strcontains(file("${path.module}/${name}"), "::/0")
    ])
    error_message = "No rule and no route in these files may have an internet address."
  }
  assert {
    condition = alltrue([
      for rule in concat(values(aws_vpc_security_group_egress_rule.this), values(aws_vpc_security_group_ingress_rule.this)) : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null && rule.prefix_list_id == null
    ])
    error_message = "Rules must name security groups, not addresses."
  }
}

run "only_airflow_gets_internet_access" {
  command = plan

  variables {
    internet_users = ["airflow"]
  }

  assert {
    condition = { for name, rule in aws_vpc_security_group_egress_rule.internet : name => "${rule.cidr_ipv4} ${rule.ip_protocol} ${rule.from_port}-${rule.to_port}" } == {
      airflow = "0.0.0.0/0 tcp 443-443"
    }
    error_message = "Only Airflow may connect to the internet, by HTTPS."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.internet["airflow"].security_group_id == aws_security_group.this["airflow"].id
    error_message = "The rule must be in Airflow's group."
  }
  assert {
    condition     = alltrue([for rule in concat(values(aws_vpc_security_group_ingress_rule.this), values(aws_vpc_security_group_ingress_rule.within)) : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null])
    error_message = "No connection may come in from the internet."
  }
  assert {
    condition = alltrue([
      aws_nat_gateway.this[0].subnet_id == aws_subnet.public[0].id, aws_nat_gateway.this[0].allocation_id == aws_eip.nat[0].id,
      aws_route.nat[0].route_table_id == aws_route_table.private.id, aws_route.nat[0].destination_cidr_block == "0.0.0.0/0", aws_route.nat[0].nat_gateway_id == aws_nat_gateway.this[0].id,
    ])
    error_message = "Traffic of the private subnets must go through the NAT gateway."
  }
  assert {
    condition = alltrue([
      aws_route_table_association.public[0].subnet_id == aws_subnet.public[0].id, aws_route_table_association.public[0].route_table_id == aws_route_table.public[0].id,
      aws_route.internet[0].route_table_id == aws_route_table.public[0].id, aws_route.internet[0].destination_cidr_block == "0.0.0.0/0", aws_route.internet[0].gateway_id == aws_internet_gateway.this[0].id,
    ])
    error_message = "Only the subnet of the NAT gateway must have a route to the internet gateway."
  }
  assert {
    condition     = aws_subnet.public[0].cidr_block == "10.40.252.0/22" && aws_subnet.public[0].availability_zone == "us-east-1a" && aws_subnet.public[0].map_public_ip_on_launch != true
    error_message = "That subnet must be after the others, and assign no public addresses."
  }
}

run "the_smallest_block_has_room_for_the_nat_gateway" {
  command = plan

  variables {
    cidr           = "10.40.0.0/22"
    internet_users = ["airflow"]
  }

  assert {
    condition     = aws_subnet.public[0].cidr_block == "10.40.3.240/28"
    error_message = "AWS accepts no subnet smaller than /28."
  }
}

run "internet_access_for_an_unknown_group_is_refused" {
  command = plan

  variables {
    internet_users = ["unknown"]
  }

  expect_failures = [var.internet_users]
}

run "internet_access_with_four_zones_is_refused" {
  command = plan

  variables {
    zones          = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"]
    internet_users = ["airflow"]
  }

  expect_failures = [var.internet_users]
}

run "each_component_opens_only_the_connections_it_needs" {
  command = plan

  assert {
    condition = { for name, rule in aws_vpc_security_group_ingress_rule.this : name => "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}" } == {
      connect-brokers          = "tcp 9098-9098"
      kafka-client-brokers     = "tcp 9098-9098"
      rest-proxy-brokers       = "tcp 9098-9098"
      load-balancer-rest-proxy = "tcp 8082-8082"
      kafka-client-database    = "tcp 3306-3306"
      airflow-endpoints        = "tcp 443-443"
      connect-endpoints        = "tcp 443-443"
      kafka-client-endpoints   = "tcp 443-443"
      rest-proxy-endpoints     = "tcp 443-443"
      spark-endpoints          = "tcp 443-443"
    }
    error_message = "Only these inbound connections may be allowed."
  }
  assert {
    condition = { for name, rule in aws_vpc_security_group_egress_rule.this : name => "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}" } == {
      connect-brokers          = "tcp 9098-9098"
      kafka-client-brokers     = "tcp 9098-9098"
      rest-proxy-brokers       = "tcp 9098-9098"
      load-balancer-rest-proxy = "tcp 8082-8082"
      kafka-client-database    = "tcp 3306-3306"
      airflow-endpoints        = "tcp 443-443"
      connect-endpoints        = "tcp 443-443"
      kafka-client-endpoints   = "tcp 443-443"
      rest-proxy-endpoints     = "tcp 443-443"
      spark-endpoints          = "tcp 443-443"
    }
    error_message = "Only these outbound connections may be allowed."
  }
  assert {
    condition = toset([
      for rule in values(aws_vpc_security_group_ingress_rule.this) : rule.referenced_security_group_id if rule.security_group_id == aws_security_group.this["brokers"].id
    ]) == toset([for name in ["connect", "kafka-client", "rest-proxy"] : aws_security_group.this[name].id])
    error_message = "Only the connectors, the Kafka client and the REST proxy may connect to the brokers."
  }
  assert {
    condition = [
      for rule in values(aws_vpc_security_group_ingress_rule.this) : rule.referenced_security_group_id if rule.security_group_id == aws_security_group.this["rest-proxy"].id
    ] == [aws_security_group.this["load-balancer"].id]
    error_message = "Only its load balancer may connect to the REST proxy."
  }
  assert {
    condition = alltrue([
      keys(aws_vpc_security_group_ingress_rule.within) == ["airflow", "spark"],
      keys(aws_vpc_security_group_egress_rule.within) == ["airflow", "spark"],
      alltrue([for name, rule in aws_vpc_security_group_ingress_rule.within : rule.security_group_id == rule.referenced_security_group_id && rule.security_group_id == aws_security_group.this[name].id]),
    ])
    error_message = "Only Airflow and Spark may have connections within their group."
  }
  assert {
    condition = { for name, rule in aws_vpc_security_group_egress_rule.s3 : name => "${rule.prefix_list_id} ${rule.from_port}-${rule.to_port}" } == {
      airflow      = "pl-63a5400a 443-443"
      connect      = "pl-63a5400a 443-443"
      kafka-client = "pl-63a5400a 443-443"
      rest-proxy   = "pl-63a5400a 443-443"
      spark        = "pl-63a5400a 443-443"
    }
    error_message = "Connections to S3 must use its gateway endpoint and HTTPS."
  }
  assert {
    condition     = length(aws_default_security_group.this.ingress) == 0 && length(aws_default_security_group.this.egress) == 0
    error_message = "The default group must have no rules."
  }
}

run "aws_services_are_reached_by_endpoints" {
  command = plan

  assert {
    condition = alltrue([
      aws_vpc_endpoint.s3.service_name == "com.amazonaws.us-east-1.s3",
      aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway",
      aws_vpc_endpoint.s3.route_table_ids == toset([aws_route_table.private.id]),
    ])
    error_message = "S3 must have a gateway endpoint in the route table of the subnets."
  }
  assert {
    condition     = { for name, association in aws_route_table_association.private : name => association.route_table_id } == { for zone in ["us-east-1a", "us-east-1b", "us-east-1c"] : zone => aws_route_table.private.id }
    error_message = "Every subnet must use that route table."
  }
  assert {
    condition = { for name, endpoint in aws_vpc_endpoint.interface : name => endpoint.service_name } == {
      kms  = "com.amazonaws.us-east-1.kms"
      logs = "com.amazonaws.us-east-1.logs"
    }
    error_message = "Each given service must have an endpoint."
  }
  assert {
    condition = alltrue([
      for endpoint in values(aws_vpc_endpoint.interface) : endpoint.vpc_endpoint_type == "Interface" && endpoint.private_dns_enabled && endpoint.security_group_ids == toset([aws_security_group.this["endpoints"].id])
    ])
    error_message = "Endpoints must have the private DNS names of the services, and their security group."
  }
  assert {
    condition     = alltrue([for endpoint in values(aws_vpc_endpoint.interface) : endpoint.subnet_ids == toset([aws_subnet.private["us-east-1a"].id])])
    error_message = "An endpoint must be in one zone by default."
  }
}

run "endpoints_in_every_zone" {
  command = plan

  variables {
    endpoint_zones = 3
  }

  assert {
    condition     = alltrue([for endpoint in values(aws_vpc_endpoint.interface) : length(endpoint.subnet_ids) == 3])
    error_message = "Each endpoint must have an address in each of the three zones."
  }
}

run "another_port_of_the_rest_proxy" {
  command = plan

  variables {
    rest_proxy_port = 8443
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.this["load-balancer-rest-proxy"].from_port == 8443 && aws_vpc_security_group_ingress_rule.this["load-balancer-rest-proxy"].to_port == 8443
    error_message = "The rules for the REST proxy must have its port."
  }
}

run "too_few_and_too_small_are_refused" {
  command = plan

  variables {
    zones          = ["us-east-1a"]
    cidr           = "10.40.0.0/23"
    endpoint_zones = 0
  }

  expect_failures = [var.zones, var.cidr, var.endpoint_zones]
}

run "too_many_and_too_large_are_refused" {
  command = plan

  variables {
    zones = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1f"]
    cidr  = "10.0.0.0/15"
  }

  expect_failures = [var.zones, var.cidr]
}

run "a_duplicate_zone_and_an_address_without_a_size_are_refused" {
  command = plan

  variables {
    zones = ["us-east-1a", "us-east-1a"]
    cidr  = "10.40.0.0"
  }

  expect_failures = [var.zones, var.cidr]
}

run "an_ipv6_block_is_refused" {
  command = plan

  variables {
    cidr = "fd00::/16"
  }

  expect_failures = [var.cidr]
}
