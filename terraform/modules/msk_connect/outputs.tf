output "configurations" {
  description = "Configuration of each connector in MSK Connect."
  value       = { for name, connector in aws_mskconnect_connector.this : name => connector.connector_configuration }
}

output "arns" {
  description = "ARN of each connector."
  value       = { for name, connector in aws_mskconnect_connector.this : name => connector.arn }
}

output "plugin_arn" {
  description = "ARN of the plugin."
  value       = aws_mskconnect_custom_plugin.this.arn
}
