output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "Ids of the private subnets, in the order of the zones."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "security_group_ids" {
  description = "Ids of the security groups, by component: brokers, connect, kafka-client, load-balancer, rest-proxy, database, airflow, spark, endpoints."
  value       = { for name, group in aws_security_group.this : name => group.id }
}
