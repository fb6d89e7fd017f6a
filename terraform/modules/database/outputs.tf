output "address" {
  description = "Host name of the instance."
  value       = aws_db_instance.this.address
}

output "identifier" {
  description = "Name of the instance."
  value       = aws_db_instance.this.identifier
}

output "password_secret_arn" {
  description = "ARN of the secret that has user and password."
  value       = one(aws_db_instance.this.master_user_secret[*].secret_arn)
}
