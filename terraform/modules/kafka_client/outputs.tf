output "instance_id" {
  description = "Id of the instance: aws ssm start-session --target <id>."
  value       = aws_instance.this.id
}

output "user_data" {
  description = "Script that the instance runs at its first start."
  value       = local.user_data
}
