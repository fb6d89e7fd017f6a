output "rest_api_id" {
  description = "Id of the REST API."
  value       = aws_api_gateway_rest_api.this.id
}

output "stage" {
  description = "Name of the stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "invoke_url" {
  description = "URL of the stage on AWS."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "authorization" {
  description = "AWS_IAM if requests must be signed, else NONE."
  value       = var.authorization
}

output "api_key_secret" {
  description = "Name of the secret with the producer's x-api-key."
  value       = aws_secretsmanager_secret.api_key.name
}

output "producer_policy_arn" {
  description = "ARN of the policy for producers."
  value       = aws_iam_policy.producer.arn
}

output "access_log_group" {
  description = "Log group of the access log."
  value       = aws_cloudwatch_log_group.access.name
}

output "redeployment" {
  description = "Hash of the routes and their integrations: a change redeploys the API."
  value       = aws_api_gateway_deployment.this.triggers.redeployment
}
