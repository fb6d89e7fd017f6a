output "name" {
  description = "Name of the environment."
  value       = aws_mwaa_environment.this.name
}

output "webserver_url" {
  description = "Host name of the web server, resolvable in the VPC."
  value       = aws_mwaa_environment.this.webserver_url
}

output "object_versions" {
  description = "Version of each uploaded object, by key."
  value = {
    for object in concat(values(aws_s3_object.dag), [aws_s3_object.constraints, aws_s3_object.requirements]) : object.key => object.version_id
  }
}

output "connection_secrets" {
  description = "Name of the secret of each connection, by connection id."
  value       = { for id, secret in aws_secretsmanager_secret.connection : id => secret.name }
}
