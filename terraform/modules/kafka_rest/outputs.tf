output "url" {
  description = "Base URL of the proxy, reachable through the VPC link."
  value       = "https://${aws_lb.this.dns_name}"
}

output "vpc_link_id" {
  description = "Id of the VPC link."
  value       = aws_api_gateway_vpc_link.this.id
}

output "service_name" {
  description = "Name of the ECS service, and of its cluster."
  value       = aws_ecs_service.this.name
}
