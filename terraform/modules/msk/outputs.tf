output "arn" {
  description = "ARN of the cluster."
  value       = aws_msk_cluster.this.arn
}

output "name" {
  description = "Name of the cluster."
  value       = aws_msk_cluster.this.cluster_name
}

output "bootstrap_servers" {
  description = "Bootstrap servers for IAM clients: host:9098, comma-separated, always in the same order."
  value       = join(",", sort(split(",", aws_msk_cluster.this.bootstrap_brokers_sasl_iam)))
}
