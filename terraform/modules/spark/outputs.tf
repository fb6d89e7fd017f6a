output "application_id" {
  description = "Id of the application."
  value       = aws_emrserverless_application.this.id
}

output "application_arn" {
  description = "ARN of the application."
  value       = aws_emrserverless_application.this.arn
}

output "submit_parameters" {
  description = "Parameters of spark-submit for a job: Delta's jars, and the sizes of driver and executors."
  value       = join(" ", [for name, value in local.settings : "--conf ${name}=${value}"])
}
