output "name" {
  description = "Name of the environment."
  value       = aws_mwaa_environment.this.name
}

output "webserver_url" {
  description = "Host name of the web server, within the VPC."
  value       = aws_mwaa_environment.this.webserver_url
}

output "object_versions" {
  description = "Version of each object that was uploaded for Airflow, by its key."
  value = {
    for object in concat(values(aws_s3_object.dag), [aws_s3_object.constraints, aws_s3_object.requirements]) : object.key => object.version_id
  }
}

output "connection_secrets" {
  description = "Name of the secret of each connection, by its id."
  value       = { for id, secret in aws_secretsmanager_secret.connection : id => secret.name }
}
