output "names" {
  description = "Name of the stream of each entity."
  value       = { for entity, stream in aws_kinesis_stream.this : entity => stream.name }
}

output "arns" {
  description = "ARN of the stream of each entity."
  value       = { for entity, stream in aws_kinesis_stream.this : entity => stream.arn }
}
