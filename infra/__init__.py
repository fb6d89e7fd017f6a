"""Plans, applies and destroys the estate with Terraform, offline or in an AWS account."""
