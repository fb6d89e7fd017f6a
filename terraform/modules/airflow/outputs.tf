output "name" {
  description = "Name of the environment."
  value       = aws_mwaa_environment.this.name
}

output "webserver_url" {
  description = "Host name of the web server, within the VPC."
  value       = aws_mwaa_environment.this.webserver_url
}
