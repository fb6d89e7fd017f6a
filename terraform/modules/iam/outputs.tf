output "kafka_client_role_arn" {
  description = "ARN of the role of the Kafka client (<user_id>-ec2-access-role)."
  value       = aws_iam_role.kafka_client.arn
}

output "rest_proxy_role_arn" {
  description = "ARN of the role of the Kafka REST proxy."
  value       = aws_iam_role.rest_proxy.arn
}

output "ecs_execution_role_arn" {
  description = "ARN of the execution role of the REST proxy, for ECS."
  value       = aws_iam_role.ecs_execution.arn
}

output "connect_role_arn" {
  description = "ARN of the role of the connectors."
  value       = aws_iam_role.connect.arn
}

output "kinesis_role_arn" {
  description = "ARN of the role with which API Gateway calls Kinesis."
  value       = aws_iam_role.kinesis.arn
}

output "api_logs_role_arn" {
  description = "ARN of the role with which API Gateway writes logs."
  value       = aws_iam_role.api_logs.arn
}

output "spark_role_arn" {
  description = "ARN of the role of the Spark jobs."
  value       = aws_iam_role.spark.arn
}

output "airflow_role_arn" {
  description = "ARN of the role of Airflow."
  value       = aws_iam_role.airflow.arn
  depends_on  = [aws_iam_role_policy.airflow] # MWAA uses it immediately
}

output "run_jobs_policy_arn" {
  description = "ARN of the policy to run the Spark jobs on EMR Serverless."
  value       = aws_iam_policy.run_jobs.arn
}

output "databricks_role_arn" {
  description = "ARN of the role for Databricks; null without one."
  value       = one(aws_iam_role.databricks[*].arn)
}

output "kafka_client_role_name" {
  description = "Name of the role of the Kafka client."
  value       = aws_iam_role.kafka_client.name
}

output "kafka_client_instance_profile" {
  description = "Instance profile of the Kafka client."
  value       = aws_iam_instance_profile.kafka_client.name
}
