output "instance_id" {
  description = "Id of the instance: aws ssm start-session --target <id>."
  value       = aws_instance.this.id
}

output "user_data" {
  description = "The script that the instance runs when it first starts."
  value       = local.user_data
}
