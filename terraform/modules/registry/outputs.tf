output "urls" {
  description = "URL of each repository, without a tag."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "arns" {
  description = "ARN of each repository."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}
